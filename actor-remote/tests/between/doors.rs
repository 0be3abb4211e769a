//! Who is let in, and what is served.

use crate::account::{Account, AccountHandle, two};
use actor_core::prelude::*;
use actor_core::{RemoteError, Unreachable};
use actor_remote::{Key, Limits, Node, Remote, ServeError, Ticket};
use std::time::{Duration, Instant};

#[tokio::test]
async fn nobody_is_let_in_who_was_not_allowed() {
    let two = two().await;
    let stranger = Node::local().await.unwrap();
    stranger.learn(&two.bank.ticket());
    let account = AccountHandle::at(&stranger, two.bank.key(), "ann");
    let error = account.deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::Refused)) && error.never_ran(), "{error:?}");
    two.bank.allow(stranger.key());
    assert_eq!(until_it_works(&account).await, 1);
    assert_eq!(two.here.balance().await.unwrap(), 1);
}

/// After a failure there is a pause, in which the same is heard again.
pub async fn until_it_works(account: &AccountHandle) -> u64 {
    loop {
        match account.deposit(1).await {
            Ok(balance) => return balance,
            Err(error) => assert!(error.never_ran(), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn whoever_is_forbidden_is_cut_off() {
    let two = two().await;
    let waiting = two.there.wait().start();
    assert_eq!(two.here.balance().await.unwrap(), 0);
    two.there.deposit(1).tell().await.unwrap();
    two.bank.forbid(two.shop.key());
    let error = waiting.await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::ConnectionLost { .. })), "{error:?}");
    let error = two.there.deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::Refused)), "{error:?}");
}

#[tokio::test]
async fn another_key_at_the_same_address_is_found_out() {
    let two = two().await;
    let impostor = Node::local().await.unwrap();
    impostor.allow_everybody();
    two.shop.learn(&Ticket::new(two.bank.key(), impostor.ticket().addresses().to_vec()));
    two.bank.close().await;
    let error = two.there.deposit(1).await.unwrap_err();
    let CallError::Remote(RemoteError::Unreachable(why)) = &error else { panic!("{error:?}") };
    assert!(matches!(why, Unreachable::Key | Unreachable::Timeout), "{why:?}");
}

#[tokio::test]
async fn who_is_nowhere_is_not_waited_for() {
    let shop = Node::local().await.unwrap();
    let nowhere: Key = Node::local().await.unwrap().key();
    let account = AccountHandle::at(&shop, nowhere, "ann");
    let error = account.deposit(1).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::Unreachable(Unreachable::NoAddress))),
        "{error:?}"
    );
    assert!(error.never_ran());
    // A port where nobody listens.
    shop.learn(&Ticket::new(nowhere, [([127, 0, 0, 1], 9).into()]));
    let other = AccountHandle::at(&shop, nowhere, "ann");
    let began = Instant::now();
    let error = other.deposit(1).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::Unreachable(_))) && error.never_ran(),
        "{error:?}"
    );
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn names() {
    let two = two().await;
    let other = Account::default().spawn();
    assert_eq!(two.bank.serve("ann", &other), Err(ServeError::Taken("ann".into())));
    assert_eq!(two.bank.serve("", &other), Err(ServeError::Length { bytes: 0, limit: 1024 }));
    assert!(two.bank.serve(&"x".repeat(1025), &other).is_err());
    two.there.deposit(5).await.unwrap();
    two.bank.withdraw("ann");
    let error = two.there.deposit(1).await.unwrap_err();
    assert!(
        matches!(&error, CallError::Remote(RemoteError::NoSuchActor(name)) if &**name == "ann"),
        "{error:?}"
    );
    two.bank.serve("ann", &other).unwrap();
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
    let too_long = AccountHandle::at(&two.shop, two.bank.key(), &"x".repeat(5000));
    let error = too_long.deposit(1).await.unwrap_err();
    assert!(matches!(error, CallError::Remote(RemoteError::NoSuchActor(_))), "{error:?}");
}

#[tokio::test]
async fn a_node_reaches_its_own_actors_without_a_network() {
    let two = two().await;
    // Nobody is allowed here but the other one: whoever has the node has its actors.
    let account = AccountHandle::at(&two.bank, two.bank.key(), "ann");
    assert_eq!(account.deposit(5).await.unwrap(), 5);
    assert_eq!(account.deposit(1).timeout(Duration::from_secs(9)).await.unwrap(), 6);
    account.deposit(1).tell().await.unwrap();
    assert!(matches!(account.withdraw(50).await, Err(CallError::Handler(_))));
    let mut numbers = account.numbers(3).await.unwrap();
    assert_eq!(numbers.next().await.unwrap().unwrap(), 3);
    assert_eq!(account.seen().await.unwrap(), []);
    let zero = account.deposit(1).timeout(Duration::ZERO).await;
    assert!(matches!(zero, Err(CallError::TimedOut { started: false })), "{zero:?}");
    let nobody = AccountHandle::at(&two.bank, two.bank.key(), "bob").deposit(1).await.unwrap_err();
    assert!(matches!(&nobody, CallError::Remote(RemoteError::NoSuchActor(_))), "{nobody:?}");
    let other = DoorHandle::at(&two.bank, two.bank.key(), "ann").open().await.unwrap_err();
    assert!(matches!(&other, CallError::Remote(RemoteError::VersionMismatch(_))), "{other:?}");
    // A caller that leaves is heard of, and so is the end.
    let running = account.wait().start();
    let queued = account.deposit(100).start();
    tokio::task::yield_now().await;
    drop((queued, running));
    assert_eq!(account.balance().await.unwrap(), 7);
    let stopped = account.stopped();
    two.here.stop();
    assert!(matches!(stopped.await, ExitReason::Stopped));
    let late = AccountHandle::at(&two.bank, two.bank.key(), "ann");
    two.bank.close().await;
    let error = late.deposit(1).await.unwrap_err();
    assert!(matches!(&error, CallError::Remote(RemoteError::Unreachable(Unreachable::Closed))), "{error:?}");
}

#[actor]
struct Door;

#[actor(derive(serde::Serialize, serde::Deserialize))]
impl Door {
    pub fn open(&self) {}
}

#[tokio::test]
async fn a_served_actor_lives_as_long_as_it_is_served() {
    let two = two().await;
    drop(two.here);
    assert_eq!(two.there.deposit(1).await.unwrap(), 1);
}

#[tokio::test]
async fn more_connections_than_allowed_are_refused() {
    let bank = Node::builder()
        .bind(([127, 0, 0, 1], 0))
        .limits(Limits { connections: 1, ..Limits::default() })
        .start()
        .await
        .unwrap();
    bank.allow_everybody();
    bank.serve("ann", &Account::default().spawn()).unwrap();
    let (one, other) = (Node::local().await.unwrap(), Node::local().await.unwrap());
    one.learn(&bank.ticket());
    other.learn(&bank.ticket());
    let first = AccountHandle::at(&one, bank.key(), "ann");
    assert_eq!(first.deposit(1).await.unwrap(), 1);
    let error = AccountHandle::at(&other, bank.key(), "ann").deposit(1).await.unwrap_err();
    assert!(
        matches!(error, CallError::Remote(RemoteError::Unreachable(_))) && error.never_ran(),
        "{error:?}"
    );
    assert_eq!(first.deposit(1).await.unwrap(), 2);
}

#[tokio::test]
async fn an_identity_is_kept_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let node = || Node::builder().bind(([127, 0, 0, 1], 0)).identity(&file).start();
    let key = node().await.unwrap().key();
    assert_eq!(node().await.unwrap().key(), key);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = node().await.unwrap_err().to_string();
        assert!(error.contains("open to others (mode 640)") && error.contains("chmod 600"), "{error}");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    std::fs::write(&file, "no key").unwrap();
    let error = node().await.unwrap_err().to_string();
    assert!(error.contains("holds no secret key"), "{error}");
    let missing = Node::builder().identity(folder.path().join("no/such/folder")).start().await.unwrap_err();
    assert!(missing.to_string().contains("no/such/folder"), "{missing}");
}

#[tokio::test]
async fn an_address_book_is_read_when_somebody_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("book");
    let with_book = || Node::builder().bind(([127, 0, 0, 1], 0)).address_book(&file).start();
    let error = with_book().await.unwrap_err().to_string();
    assert!(error.contains("the address book") && error.contains("book: "), "{error}");
    std::fs::write(&file, "# nobody yet\n\nbob is away\n").unwrap();
    let error = with_book().await.unwrap_err().to_string();
    assert!(
        error.ends_with("line 3: `bob is away` is no ticket: a key, an `@` and addresses are one"),
        "{error}"
    );

    std::fs::write(&file, "# nobody yet\n").unwrap();
    let two = two().await;
    let shop = with_book().await.unwrap();
    let account = AccountHandle::at(&shop, two.bank.key(), "ann");
    let error = account.deposit(1).await.unwrap_err();
    assert!(matches!(&error, CallError::Remote(RemoteError::Unreachable(_))), "{error:?}");
    // Written later, below a line that is spoiled.
    let ticket = two.bank.ticket();
    std::fs::write(&file, format!("what?\n{ticket} # the bank\n")).unwrap();
    let refused = loop {
        match account.deposit(1).await.unwrap_err() {
            CallError::Remote(RemoteError::Unreachable(_)) => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            refused => break refused,
        }
    };
    // Found, and not let in for that.
    assert!(matches!(&refused, CallError::Remote(RemoteError::Refused)), "{refused:?}");
    two.bank.allow(shop.key());
    assert_eq!(until_it_works(&account).await, 1);
}
