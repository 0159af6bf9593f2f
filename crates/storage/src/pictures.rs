use async_trait::async_trait;
use parlor_domain::{MadePicture, PictureId, PictureRepository, PictureSize, Timestamp};

use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> PictureRepository for Sql<C, D> {
    async fn picture(&self, id: PictureId, size: PictureSize) -> Result<Option<Vec<u8>>> {
        let column = match size {
            PictureSize::Small => "small",
            PictureSize::Large => "large",
        };
        let sql = format!("SELECT {column} FROM picture WHERE id = $1");
        self.first(sql, vec![id.as_uuid().into()], |row| Fields::of(row).get()).await
    }

    async fn insert_picture(&mut self, id: PictureId, made: &MadePicture, at: Timestamp) -> Result<()> {
        let sql = "INSERT INTO picture (id, small, large, created_at) VALUES ($1, $2, $3, $4)".to_owned();
        let values = vec![
            id.as_uuid().into(),
            made.small.clone().into(),
            made.large.clone().into(),
            at.as_millis().into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn delete_picture(&mut self, id: PictureId) -> Result<()> {
        self.run("DELETE FROM picture WHERE id = $1".to_owned(), vec![id.as_uuid().into()]).await.map(drop)
    }
}
