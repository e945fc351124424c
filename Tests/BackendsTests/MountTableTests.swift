import Foundation
import Testing

@testable import Backends

@Suite struct MountTableTests {
  @Test func findsTheKindBehindAnyNumberOfOptionalFields() {
    let lines = [
      "21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard",
      "22 21 0:21 / /proc rw,relatime - proc proc rw",
      "41 21 8:1 / /srv\\040data rw,noatime shared:7 master:1 - xfs /dev/sda1 rw,attr2",
      "42 41 0:50 /a /srv\\040data/\u{301}b rw - btrfs /dev/sdb rw,subvol=/a",
      "43 21 0:51 / /nfs rw - nfs4 host:/export rw", "this is no mount", "44 - xfs", "",
    ]
    let bytes = Array(lines.joined(separator: "\n").utf8)
    let table = MountTable(parsing: bytes + [0xFF, UInt8(ascii: "\n")])
    #expect(
      [21, 22, 41, 42, 43, 44, 45].map { table.mount($0)?.kind } == [
        "ext4", "proc", "xfs", "btrfs", "nfs4", nil, nil,
      ])
    #expect(table.mount(41)?.device == "8:1")
  }

  /// As Linux 6.18 writes them, shortened.
  @Test func ext4SaysWhetherItHasAJournal() {
    #expect(MountTable.showNoJournal("rw\nbsddf\nnogrpid\ndiscard\nresuid=65534\n"))
    #expect(!MountTable.showNoJournal("rw\nbsddf\ncommit=5\ndata=ordered\nfc_debug_force\n"))
    #expect(!MountTable.showNoJournal(""))
  }

  @Test func findsTheMountOfADescriptor() {
    #expect(MountTable.mountID(in: "pos:\t0\nflags:\t0100000\nmnt_id:\t27\nino:\t2\n") == 27)
    #expect(MountTable.mountID(in: "pos:\t0\n") == nil)
  }

  #if os(Linux)
    @Test func theKernelIsAskedWhatAFolderLiesOn() {
      #expect(MountTable.mount(at: "/proc")?.kind == "proc")
      #expect(!MountTable.syncsNamesWithFiles(in: "/proc"))
      #expect(!MountTable.syncsNamesWithFiles(in: "/no/such/folder"))
    }
  #endif
}
