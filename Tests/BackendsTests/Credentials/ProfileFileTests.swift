import Testing

@testable import Backends

@Suite struct ProfileFileTests {
  @Test func readsProfilesOfBothFiles() {
    let text = """
      # a comment
      orphan = 1
      [default]
      Region=eu-central-1
      s3 =
        addressing_style = path
        region = nested
      ; another
      [profile "two words" ]
      region = a = b
      [profile lab]
        region =  x \t
      [sso-session lab]
      region = no
      [broken
      region = no
      """
    let configuration = ProfileFile(text, kind: .configuration).profiles
    #expect(Set(configuration.keys) == ["default", "two words", "lab"])
    #expect(configuration["default"] == ["region": "eu-central-1", "s3": ""])
    #expect(configuration["two words"] == ["region": "a = b"])
    #expect(configuration["lab"] == ["region": "x"])

    let credentials = ProfileFile("[lab]\r\naws_access_key_id=K\r\n[default]\n[]\nx=1", kind: .credentials)
    #expect(credentials.profiles == ["lab": ["aws_access_key_id": "K"], "default": [:]])
  }
}
