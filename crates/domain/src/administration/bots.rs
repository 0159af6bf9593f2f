use super::{AdminError, Administration, Administrator};
use crate::accounts::Maker;
use crate::{
    ApiToken, ApiTokenError, ConversationId, Group, GroupId, NewApiToken, Registration, Scopes, TokenName,
    User, UserId,
};

impl Administration {
    /// Makes an account for a program. Nobody signs in as it: it acts with tokens that admins make.
    pub async fn create_bot(
        &self,
        by: &Administrator,
        username: &str,
        name: &str,
    ) -> Result<User, AdminError> {
        // The hashing that follows takes too long to hold the writer's turn.
        drop(self.begin(by).await?);
        let registration =
            Registration { username: username.to_owned(), name: name.to_owned(), ..Registration::default() };
        let accepted = self.accounts.accept(&registration).map_err(AdminError::Register)?;
        let made = self.accounts.create(accepted, Maker::ForBot, by.doer()).await;
        // Its password and codes are told to nobody.
        made.map(|(user, _)| user).map_err(AdminError::Register)
    }

    /// Makes a token with which a program acts as a bot, and its secret, which nobody learns again.
    pub async fn make_bot_token(
        &self,
        by: &Administrator,
        bot: UserId,
        new: &NewApiToken,
    ) -> Result<(ApiToken, String), AdminError> {
        self.confirmed(by).await?;
        let name = TokenName::parse(&new.name).map_err(ApiTokenError::from)?;
        let mut work = self.begin(by).await?;
        let user = super::people::active_user(&mut *work, bot).await?;
        if !user.bot {
            return Err(AdminError::NotABot);
        }
        let made = self.accounts.give_api_token(&mut *work, bot, user.role, name, new, by.doer()).await?;
        work.commit().await?;
        Ok(made)
    }

    /// Makes an incoming webhook: an address that posts to a group as a bot, which has to be in it.
    pub async fn make_webhook(
        &self,
        by: &Administrator,
        bot: UserId,
        name: &str,
        group: GroupId,
    ) -> Result<(ApiToken, String), AdminError> {
        by.authorize()?;
        let standing = self.store.standing(ConversationId::from(group), bot).await?;
        if !standing.is_some_and(|standing| standing.group.is_some() && standing.role.is_some()) {
            return Err(AdminError::BotNotInGroup);
        }
        let scopes = Scopes::of(&[]);
        let new = NewApiToken { name: name.to_owned(), scopes, group: Some(group), expires_at: None };
        self.make_bot_token(by, bot, &new).await
    }

    /// The groups that a bot is in.
    pub async fn bot_groups(&self, by: &Administrator, bot: UserId) -> Result<Vec<Group>, AdminError> {
        by.authorize()?;
        let user = self.store.user(bot).await?.filter(User::is_active).ok_or(AdminError::NoSuchUser)?;
        if !user.bot {
            return Err(AdminError::NotABot);
        }
        let views = self.store.all_conversation_views(bot).await?;
        let mut groups: Vec<Group> = views.into_iter().filter_map(|view| view.group).collect();
        groups.sort_by(|a, b| a.name.as_str().cmp(b.name.as_str()));
        Ok(groups)
    }
}
