/// How many items a page may have: 1 to 100, 50 when nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSize(u32);

impl PageSize {
    /// The most items on a page.
    pub const MAX: u32 = 100;

    /// A size from 1 to [`PageSize::MAX`]; `None` outside of it.
    pub fn new(size: u32) -> Option<Self> {
        (1..=Self::MAX).contains(&size).then_some(Self(size))
    }

    /// The number of items.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for PageSize {
    fn default() -> Self {
        Self(50)
    }
}

/// One page of a list, and where the next one starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to hand in as `after` for the next page; `None` on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Makes a page of `size` items from up to `size + 1` that were fetched: the one too many only
    /// shows that there is more. `key` gives the place of the last item in the list's order.
    pub fn from_overfetched(mut items: Vec<T>, size: PageSize, key: impl Fn(&T) -> String) -> Self {
        let wanted = size.get() as usize;
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }
}
