internal import GRDB

/// The database schema as a list of migrations, one file each, never edited once released.
///
/// ```
/// user ──< identity                 channel ──< channelMember >── user
///   │  profile (0..1)                  │
///   └──< apiKey                        ├──< package ──< packageMember >── user
///                                      │      └──< artifact ── artifactRecord, originalRecord, yank
/// blob ──< artifact                    │             (what repodata and shards are made of)
///                                      ├──< patch ──< patchInstruction; notice, channelRelation
///                                      ├──< subdirState, staleShard, shard, retiredShard, document,
///                                      │    staleName, documentLayout
///                                      ├──< channelMirror
///                                      └──< job ──< task
/// artifact ──< downloadBucket; package ── packageText (the search's text index)
/// deletedArtifact ── blob: what may be restored
/// audit, setting: on their own                (what the index has and lacks)
/// ```
enum Schema {
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    Migration001.register(in: &migrator)
    Migration002.register(in: &migrator)
    Migration003.register(in: &migrator)
    Migration005.register(in: &migrator)
    Migration006.register(in: &migrator)
    Migration007.register(in: &migrator)
    return migrator
  }
}
