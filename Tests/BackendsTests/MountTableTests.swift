import Testing

@testable import Backends

@Suite struct MountTableTests {
  private let table = MountTable(
    parsing: """
      21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
      22 21 0:21 / /proc rw,relatime - proc proc rw
      40 21 0:44 / /srv rw - tmpfs tmpfs rw
      41 21 8:1 / /srv rw,noatime shared:7 master:1 - xfs /dev/sda1 rw,attr2
      42 41 0:50 /volumes/data /srv/data\\040of\\134quetz rw - btrfs /dev/sdb rw,subvol=/volumes/data
      43 21 0:51 / /nfs rw - nfs4 host:/export rw
      this is no mount
      """)

  @Test(arguments: [
    ("/var/lib/quetz", "ext4"), ("/", "ext4"), ("/srv", "xfs"), ("/srv/data", "xfs"),
    ("/srv/data of\\quetz", "btrfs"), ("/srv/data of\\quetz/packages", "btrfs"),
    ("/srv/data of\\quetzal", "xfs"), ("/srvs", "ext4"), ("/nfs/channel", "nfs4"),
  ])
  func theLongestMountPointDecidesAndOfEqualOnesTheLast(_ path: String, _ kind: String) {
    #expect(table.kind(at: path) == kind)
  }

  @Test func namesGoWithFilesOnlyWhereThatIsKnown() {
    #expect(table.syncsNamesWithFiles(at: "/var/lib/quetz"))
    #expect(table.syncsNamesWithFiles(at: "/srv/data of\\quetz"))
    #expect(!table.syncsNamesWithFiles(at: "/nfs/channel"))
    #expect(!MountTable(parsing: "").syncsNamesWithFiles(at: "/"))
  }

  #if os(Linux)
    @Test func theMountsOfThisMachineAreRead() {
      #expect(MountTable.current().kind(at: "/proc") == "proc")
    }
  #endif
}
