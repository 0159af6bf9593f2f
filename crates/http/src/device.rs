use parlor_domain::Device;
use poem::http::header;
use poem::{FromRequest, Request, RequestBody, Result};

use crate::layers::ClientIp;

/// What a request comes from, as somebody sees it in the list of their sessions.
pub struct FromDevice(pub Device);

impl<'a> FromRequest<'a> for FromDevice {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> Result<Self> {
        let user_agent = request.headers().get(header::USER_AGENT);
        let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
        Ok(Self(Device::new(&user_agent.unwrap_or_default(), Some(ClientIp::of(request).0))))
    }
}
