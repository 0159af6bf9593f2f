//! The API's own description.

use serde_json::Value;

use crate::Api;

/// The server's OpenAPI document.
#[derive(Debug)]
pub struct Document(Value);

/// One operation of it.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its id, such as `createGroup`.
    pub id: String,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The path from the root, with its parameters in braces.
    pub path: String,
    /// The names of its query parameters.
    pub query: Vec<String>,
    /// The fields of its JSON body; `None` when it takes none.
    pub body: Option<Vec<Field>>,
    /// Whether its body is a file, for which a picture's will do.
    pub takes_picture: bool,
}

/// One field of a body.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// `string`, `integer`, `boolean` or `array`.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is a word from a list or an id, and not free text.
    pub constrained: bool,
}

impl Document {
    /// Asks the server for it.
    pub async fn of(api: &Api) -> Self {
        Self(api.get("/openapi.json").await.expect(200))
    }

    /// The whole document.
    pub fn json(&self) -> &Value {
        &self.0
    }

    /// Every operation, by id.
    pub fn operations(&self) -> Vec<Operation> {
        let mut found = Vec::new();
        for (path, methods) in self.0["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"].as_str();
                let id = id.unwrap_or_else(|| panic!("{method} {path} has no operationId")).to_owned();
                let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
                let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
                let content = operation["requestBody"]["content"].as_object();
                found.push(Operation {
                    id,
                    method: method.to_uppercase(),
                    path: path.clone(),
                    query: query
                        .filter_map(|parameter| parameter["name"].as_str())
                        .map(str::to_owned)
                        .collect(),
                    takes_picture: content.is_some_and(|content| {
                        content.contains_key("image/*") || content.contains_key("*/*")
                    }),
                    body: content.and_then(|content| {
                        let json = content.iter().find(|(kind, _)| kind.starts_with("application/json"));
                        json.map(|(_, media)| self.fields(&media["schema"]))
                    }),
                });
            }
        }
        assert!(!found.is_empty(), "the document has no operations");
        found.sort_by(|one, other| one.id.cmp(&other.id));
        found
    }

    fn fields(&self, schema: &Value) -> Vec<Field> {
        let schema = self.resolve(schema);
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"].as_object().unwrap();
        let field = |(name, schema): (&String, &Value)| {
            let resolved = self.resolve(schema);
            Field {
                name: name.clone(),
                kind: resolved["type"]
                    .as_str()
                    .unwrap_or_else(|| panic!("{name} has no type: {resolved}"))
                    .to_owned(),
                required: required.iter().any(|required| required == name),
                constrained: resolved.get("enum").is_some() || resolved.get("format").is_some(),
            }
        };
        properties.iter().map(field).collect()
    }

    /// Follows references, also where one is wrapped to give it a description.
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').unwrap();
            return self
                .resolve(self.0.pointer(pointer).unwrap_or_else(|| panic!("{reference} is not there")));
        }
        match schema["allOf"].as_array().map(Vec::as_slice) {
            Some([one]) => self.resolve(one),
            Some([one, ..]) if one.get("$ref").is_some() => self.resolve(one),
            _ => schema,
        }
    }
}
