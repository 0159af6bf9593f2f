use std::collections::BTreeMap;

use super::{AdminError, Administration, Administrator};
use crate::{Day, DayFigures, Overview};

impl Administration {
    /// How the server is doing. Messages are counted a few seconds after they were posted.
    pub async fn overview(&self, by: &Administrator) -> Result<Overview, AdminError> {
        by.authorize()?;
        let now = self.clock.now();
        let figures = self.store.figures(&self.accounts.policy().sessions, now).await?;
        let today = Day::of(now);
        let first = Day::from_number(today.number() - Overview::DAYS + 1);
        let found = self.store.days_since(first).await?;
        Ok(Overview { figures, days: every_day(first, today, found) })
    }
}

/// These days in order, those on which nothing happened among them.
fn every_day(first: Day, last: Day, found: Vec<DayFigures>) -> Vec<DayFigures> {
    let mut found: BTreeMap<_, _> = found.into_iter().map(|figures| (figures.day, figures)).collect();
    let days = (first.number()..=last.number()).map(Day::from_number);
    days.map(|day| found.remove(&day).unwrap_or(DayFigures { day, messages: 0, new_people: 0 })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_anything_is_told_too() {
        let day = Day::from_number;
        let busy = DayFigures { day: day(8), messages: 3, new_people: 1 };
        // Of a clock that is ahead.
        let ahead = DayFigures { day: day(10), messages: 1, new_people: 0 };
        let days = every_day(day(7), day(9), vec![busy, ahead]);
        let quiet = |number| DayFigures { day: day(number), messages: 0, new_people: 0 };
        assert_eq!(days, [quiet(7), busy, quiet(9)]);
    }
}
