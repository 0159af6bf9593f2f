use parlor_domain::{QueryError, SearchError};

use super::sentence;
use crate::problem::Problem;

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        let text = sentence(&error.to_string());
        let code = match error {
            SearchError::Denied(denied) => return denied.into(),
            SearchError::Store(error) => return error.into(),
            SearchError::NoSuchPerson(_) | SearchError::NoSuchConversation(_) => "not_found",
            SearchError::Query(error) => match error {
                QueryError::Empty | QueryError::OnlyExclusions => "required",
                QueryError::TooLong | QueryError::TooManyTerms => "too_long",
                QueryError::UnknownFilter(_) => "unknown_filter",
                QueryError::BadDate(..) => "invalid_date",
                QueryError::NoValue(..) | QueryError::ExcludedFilter(_) | QueryError::UnknownContents(_) => {
                    "invalid"
                }
            },
        };
        Self::invalid_fields(Vec::new()).with_field("q", code, text)
    }
}
