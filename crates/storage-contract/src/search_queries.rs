//! The same queries find the same messages on every database.

use parlor_domain::{MemberRole, User};

use crate::world::{Outcome, World, later};

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// The messages that the queries are asked of: how many days after [`NOW`], who, where, what.
/// [`NOW`] is 2026-09-21.
const MESSAGES: &[(i64, &str, &str, &str)] = &[
    (0, "ana", "red", "The deploy of the new kitchen went fine"),
    (0, "ben", "red", "Deployment notes: https://example.org/notes/kitchen"),
    (0, "ana", "direct", "Shall we have lunch in the kitchen?"),
    (1, "ben", "direct", "Grüße aus der Straße, ÇA VA?"),
    (1, "ana", "red", "東京の天気は晴れです"),
    (1, "ben", "red", "北京天气很好,我们去公园"),
    (2, "ana", "red", "오늘 학교에서 만나요"),
    (2, "ben", "red", "Привет, мир! Ёлка стоит"),
    (2, "ana", "direct", "ไปกินข้าวกัน"),
    (3, "ben", "red", "Release v2.14.3 is out 🎉🎉"),
    (3, "ana", "red", "a b c one-letter words, 100% C++ and snake_case_name"),
    (3, "ben", "direct", "see www.example.org or mail ana@example.org"),
    (4, "ana", "red", "The new kitchen, the old deploy"),
    (4, "ben", "red", "Don't panic: it's O'Brien's \"final\" version"),
    (5, "ana", "notes", "Buy milk. Kitchen paint, too"),
    (5, "ben", "red", "naïve café résumé"),
    (6, "cleo", "secret", "The kitchen is secret"),
    (6, "ana", "red", "line one\nline two\tkitchenette"),
    (7, "ben", "direct", "👩‍👩‍👧 family 👍🏽"),
    (7, "ana", "red", "ガラスとｶﾞﾗｽ、かがみ"),
    (8, "ben", "red", "العربية كتاب"),
    (8, "ana", "red", "שלום עולם"),
    (9, "ben", "red", ""),
    (9, "ana", "direct", "What we said"),
];

/// The files of some of the messages: by the message's number in [`MESSAGES`], what each is called and
/// what it is.
const FILES: &[(usize, &[(&str, &str)])] = &[
    (22, &[("Garten-Foto.JPG", "image/jpeg"), ("Gärten übrig.zip", "application/zip")]),
    (23, &[("Protokoll_März.pdf", "application/pdf")]),
];

/// What ana finds: a query, and by their numbers in [`MESSAGES`] the hits, the newest first.
const QUERIES: &[(&str, &[usize])] = &[
    // Words, by their beginning and from three letters on anywhere; all of them.
    ("kitchen", &[17, 14, 12, 2, 1, 0]),
    ("KITCHEN", &[17, 14, 12, 2, 1, 0]),
    ("kitch", &[17, 14, 12, 2, 1, 0]),
    ("tchen", &[17, 14, 12, 2, 1, 0]),
    ("che", &[17, 14, 12, 2, 1, 0]),
    ("kitchenette", &[17]),
    ("ki", &[17, 14, 12, 2, 1, 0]),
    ("en", &[]),
    ("deploy", &[12, 1, 0]),
    ("deployment", &[1]),
    ("ployme", &[1]),
    ("deploy kitchen", &[12, 1, 0]),
    ("kitchen deploy new", &[12, 0]),
    ("kitchen   lunch", &[2]),
    ("kitchen zebra", &[]),
    ("zebra", &[]),
    ("d", &[13, 12, 3, 1, 0]),
    ("c", &[15, 10, 3]),
    ("a b", &[10]),
    ("100%", &[10]),
    ("10", &[10]),
    ("% deployment _", &[1]),
    ("c++", &[15, 10, 3]),
    ("snake_case", &[10]),
    ("case_na", &[10]),
    ("v2.14", &[9]),
    ("2.14.3", &[]),
    ("14", &[9]),
    ("don't", &[13]),
    ("obrien", &[]),
    ("o'brien", &[13]),
    ("example.org", &[11, 1]),
    ("https://example.org/notes", &[1]),
    ("ana@example.org", &[11]),
    ("two kitchenette", &[17]),
    // Case, accents and forms of letters.
    ("grusse", &[3]),
    ("GRÜẞE", &[3]),
    ("strasse", &[3]),
    ("ça", &[15, 10, 3]),
    ("cafe resume", &[15]),
    ("CAFÉ", &[15]),
    ("naive", &[15]),
    ("елка", &[7]),
    ("ПРИВЕТ", &[7]),
    ("рив", &[7]),
    ("ми", &[7]),
    ("كتاب", &[20]),
    ("שלו", &[21]),
    // Scripts without spaces.
    ("東京", &[4]),
    ("天気", &[4]),
    ("天", &[5, 4]),
    ("京", &[5, 4]),
    ("天气", &[5]),
    ("公园", &[5]),
    ("京天", &[5]),
    ("天京", &[]),
    ("北京 公园", &[5]),
    ("晴れ", &[4]),
    ("です", &[4]),
    ("학교", &[6]),
    ("만나", &[6]),
    ("교", &[6]),
    ("กินข้าว", &[8]),
    ("ガラス", &[19]),
    ("カラス", &[]),
    ("かがみ", &[19]),
    // Emoji.
    ("🎉", &[9]),
    ("👍", &[18]),
    ("👍🏿", &[18]),
    ("👧", &[18]),
    ("🎈", &[]),
    // Phrases, and what is left out.
    ("\"new kitchen\"", &[12, 0]),
    ("\"kitchen new\"", &[]),
    ("\"the kitchen\"", &[2]),
    ("\"kitchen\"", &[14, 12, 2, 1, 0]),
    ("\"kitch\"", &[]),
    ("\"line one line\"", &[17]),
    ("“new kitchen” old", &[12]),
    ("\"天气很好\"", &[5]),
    ("\"it's o'brien\"", &[13]),
    ("\"new kit", &[]),
    ("kitchen -deploy", &[17, 14, 2]),
    ("kitchen -\"new kitchen\"", &[17, 14, 2, 1]),
    ("天 -京", &[]),
    // Filters.
    ("from:me kitchen", &[17, 14, 12, 2, 0]),
    ("from:ben kitchen", &[1]),
    ("from:@BEN from:ana lunch", &[2]),
    ("from:cleo", &[]),
    ("in:ben kitchen", &[2]),
    ("in:\"team red\" kitchen", &[17, 12, 1, 0]),
    ("in:ana", &[14]),
    ("in:ben", &[23, 18, 11, 8, 3, 2]),
    ("in:ben from:me", &[23, 8, 2]),
    ("has:link", &[11, 1]),
    ("has:link notes", &[1]),
    // Files, and what they are called.
    ("has:file", &[23, 22]),
    ("has:image", &[22]),
    ("has:image has:file", &[22]),
    ("has:image has:link", &[]),
    ("has:image kitchen", &[]),
    ("has:file from:me", &[23]),
    ("has:file said", &[23]),
    ("garten", &[22]),
    ("GARTEN foto", &[22]),
    ("\"garten foto\"", &[22]),
    ("foto.jpg", &[22]),
    ("übrig jpg", &[22]),
    ("protokoll marz", &[23]),
    ("tokol", &[23]),
    ("said pdf", &[23]),
    ("said -protokoll", &[]),
    ("in:ben pdf", &[23]),
    ("on:2026-09-23", &[8, 7, 6]),
    ("after:2026-09-25 kitchen", &[17, 14]),
    ("before:2026-09-22", &[2, 1, 0]),
    ("before:2026-09-22 kitchen from:ana", &[2, 0]),
    ("after:2026-09-24 before:2026-09-26 kitchen", &[12]),
    ("after:2030-01-01", &[]),
    ("before:2020-01-01 kitchen", &[]),
];

impl World {
    /// Ana, Ben and Cleo, and what they wrote.
    pub(crate) async fn chat(&self) -> Outcome<[User; 3]> {
        let people = [self.user("ana").await?, self.user("ben").await?, self.user("cleo").await?];
        let [ana, ben, cleo] = &people;
        let member = MemberRole::Member;
        let red = self.group("Team Red", &[(ana, member), (ben, member)]).await?;
        let secret = self.group("Secret", &[(cleo, member)]).await?;
        let (direct, notes) = (self.direct(ana, ben).await?, self.direct(ana, ana).await?);
        for (number, (day, author, place, text)) in MESSAGES.iter().enumerate() {
            let author = people.iter().find(|user| user.username.as_str() == *author).ok_or("nobody")?;
            let place = match *place {
                "red" => red,
                "secret" => secret,
                "direct" => direct,
                _ => notes,
            };
            let mut files = Vec::new();
            for (name, media_type) in
                FILES.iter().filter(|(of, _)| *of == number).flat_map(|(_, files)| *files)
            {
                files.push(self.uploaded(author, name, media_type).await?);
            }
            self.post_files_at(later(day * DAY), place, author, text, &files).await?;
        }
        Ok(people)
    }
}

pub(crate) async fn queries_find_what_they_say(world: World) -> Outcome {
    let [ana, ..] = world.chat().await?;
    world.index().await?;
    assert!(QUERIES.len() >= 60);
    let mut wrong = Vec::new();
    for (query, expected) in QUERIES {
        let expected: Vec<&str> = expected.iter().map(|number| MESSAGES[*number].3).collect();
        let found = world.hits(&ana, query).await?;
        if found != expected {
            wrong.push(format!("{query}: found {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
