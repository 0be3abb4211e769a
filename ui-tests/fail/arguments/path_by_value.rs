use actor_core::prelude::*;
use std::path::Path;

#[actor]
struct Folder {
    count: usize,
}

#[actor]
impl Folder {
    pub fn open(&mut self, path: Path) -> usize {
        self.count += path.as_os_str().len();
        self.count
    }
    pub fn close(&mut self) {}
}

async fn uses_it(folder: FolderHandle) -> Result<(), CallError> {
    folder.open("a".into()).await?;
    folder.close().await
}

fn main() {
    drop(uses_it(Folder { count: 0 }.spawn()));
}
