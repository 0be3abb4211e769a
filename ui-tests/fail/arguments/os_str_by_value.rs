use actor_core::prelude::*;

#[actor]
struct Folder {
    count: usize,
}

#[actor]
impl Folder {
    pub fn open(&mut self, _name: std::ffi::OsStr) -> usize {
        self.count += 1;
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
