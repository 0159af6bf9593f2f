use std::borrow::Cow;

use parlor_domain::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A moment, written as RFC 3339 in UTC with milliseconds: `2026-11-20T20:31:00.000Z`.
///
/// It is for people: nothing is ordered or resumed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Timestamp);

const FORMAT: &[BorrowedFormatItem<'static>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Time {
    /// The text form. A moment outside the years 0 to 9999 is written as the epoch.
    pub fn text(self) -> String {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0.as_millis()) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .format(FORMAT)
            .unwrap_or_default()
    }
}

impl Time {
    /// A moment that a client wrote as RFC 3339, in any zone.
    fn parse(text: &str) -> Result<Self, time::error::Parse> {
        let moment = OffsetDateTime::parse(text, &Rfc3339)?;
        let millis = moment.unix_timestamp() * 1_000 + i64::from(moment.millisecond());
        Ok(Self(Timestamp::from_millis(millis)))
    }
}

impl From<Timestamp> for Time {
    fn from(moment: Timestamp) -> Self {
        Self(moment)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl schemars::JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(feature = "openapi")]
mod openapi {
    use std::borrow::Cow;

    use super::Time;
    use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
    use poem_openapi::types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type};
    use serde_json::Value;

    impl Type for Time {
        const IS_REQUIRED: bool = true;
        type RawValueType = Self;
        type RawElementValueType = Self;

        fn name() -> Cow<'static, str> {
            "string_date-time".into()
        }

        fn schema_ref() -> MetaSchemaRef {
            MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date-time")))
        }

        fn as_raw_value(&self) -> Option<&Self> {
            Some(self)
        }

        fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
            Box::new(self.as_raw_value().into_iter())
        }
    }

    impl ParseFromJSON for Time {
        fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
            let value = value.unwrap_or_default();
            let text = value.as_str().ok_or_else(|| ParseError::expected_type(value.clone()))?;
            Self::parse(text).map_err(ParseError::custom)
        }
    }

    impl ParseFromParameter for Time {
        fn parse_from_parameter(value: &str) -> ParseResult<Self> {
            Self::parse(value).map_err(ParseError::custom)
        }
    }

    impl ToJSON for Time {
        fn to_json(&self) -> Option<Value> {
            Some(Value::String(self.text()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_milliseconds_in_utc() {
        assert_eq!(Time(Timestamp::from_millis(1_795_552_260_007)).text(), "2026-11-24T20:31:00.007Z");
    }

    #[test]
    fn a_moment_of_any_zone_is_read() {
        let moment = Time(Timestamp::from_millis(1_795_552_260_007));
        for text in ["2026-11-24T20:31:00.007Z", "2026-11-24T22:31:00.0079+02:00"] {
            assert_eq!(Time::parse(text).ok(), Some(moment));
        }
        assert!(Time::parse("tomorrow").is_err());
    }
}
