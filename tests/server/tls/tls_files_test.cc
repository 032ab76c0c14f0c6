#include "server/tls/tls_files.h"

#include <dirent.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/bytes_of_file.h"
#include "tests/descriptor_limit.h"
#include "tests/server/tls/certificate_maker.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

class TlsFilesTest : public testing::Test {
 protected:
  TlsFilesTest() {
    Write("server.crt", server_.pem());
    Write("server.key", server_.key_pem());
    Write("clients.crt", root_.pem());
    Write("clients.crl", root_.RevocationList({&revoked_}));
  }

  // Replaces the file with a new one, as every careful program does.
  void Write(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    const std::string path = Path(name);
    std::ofstream(path + ".new") << text;
    chmod((path + ".new").c_str(), mode);
    std::filesystem::rename(path + ".new", path);
  }
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  TlsPaths Paths() const {
    return {Path("server.crt"), Path("server.key"), Path("clients.crt"), Path("clients.crl")};
  }
  std::unique_ptr<TlsFiles> ReadAll() const {
    auto files = TlsFiles::Read(Paths(), absl::Now());
    EXPECT_TRUE(files.ok()) << files.status();
    return *std::move(files);
  }
  std::string Error() const {
    return std::string(TlsFiles::Read(Paths(), absl::Now()).status().message());
  }

  const TemporaryFolder temporary_;
  const std::string folder_ = temporary_.path().string();
  const MadeCertificate root_ = MadeCertificate::SelfSigned(
      {.common_name = "root", .is_authority = true, .valid_for_seconds = 864'000});
  const MadeCertificate server_ = root_.Issue({});
  const MadeCertificate next_ = root_.Issue({.valid_for_seconds = 172'800});
  const MadeCertificate client_ = root_.Issue({.common_name = "client"});
  const MadeCertificate revoked_ = root_.Issue({.common_name = "revoked"});
};

TEST_F(TlsFilesTest, ReturnsTheCheckedFiles) {
  const auto files = ReadAll();
  EXPECT_EQ(BytesOfFile(files->identity_path()), server_.key_pem() + "\n" + server_.pem());
  EXPECT_EQ(BytesOfFile(files->authorities_path()), root_.pem());
  EXPECT_EQ(files->Expiries().size(), 3U);
  EXPECT_TRUE(files->Revoked(revoked_.pem()));
  EXPECT_FALSE(files->Revoked(client_.pem()));
}

TEST_F(TlsFilesTest, RefusesAWorldReadableKey) {
  Write("server.key", server_.key_pem(), 0644);
  EXPECT_THAT(Error(), HasSubstr("--tls-key: '" + Path("server.key") + "': every user"));
  Write("server.key", server_.key_pem(), 0640);
  EXPECT_EQ(Error(), "");
}

TEST_F(TlsFilesTest, NamesTheOptionAndTheFileOfAFault) {
  const struct {
    std::string file;
    std::string text;
    std::string error;
  } cases[] = {{"server.crt", "", "--tls-cert and --tls-key"},
               {"server.key", "", "--tls-cert and --tls-key"},
               {"clients.crt", "", "--tls-client-ca"},
               {"clients.crl", "", "--tls-crl"},
               {"clients.crl", server_.RevocationList({}), "--tls-crl"}};
  for (const auto& test_case : cases) {
    const std::string old_text = BytesOfFile(Path(test_case.file));
    Write(test_case.file, test_case.text);
    EXPECT_THAT(Error(), HasSubstr(test_case.error));
    EXPECT_THAT(Error(), HasSubstr(test_case.file == "server.key" ? "server.crt" : test_case.file));
    Write(test_case.file, old_text);
  }
  std::filesystem::remove(Path("server.crt"));
  EXPECT_THAT(Error(), HasSubstr("--tls-cert: "));
}

// Other kinds of file must not block the server, or be read without an end.
TEST_F(TlsFilesTest, RefusesAPathThatIsNotARegularFile) {
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  std::filesystem::create_symlink(Path("pipe"), Path("link"));
  for (const std::string& no_file : {Path("pipe"), Path("link"), folder_, std::string("/dev/zero"),
                                     std::string("/dev/null"), std::string("/dev/tty")}) {
    for (std::string TlsPaths::*const one :
         {&TlsPaths::certificate, &TlsPaths::key, &TlsPaths::client_authorities,
          &TlsPaths::revocation_lists}) {
      TlsPaths paths = Paths();
      paths.*one = no_file;
      EXPECT_FALSE(TlsFiles::Read(paths, absl::Now()).ok()) << no_file;
    }
  }
  Write("server.crt", std::string((1 << 20) + 1, '\n'));
  EXPECT_THAT(Error(), HasSubstr("expected at most 1048576"));
}

TEST_F(TlsFilesTest, AppliesNewFilesOnceTheyStopChanging) {
  const auto files = ReadAll();
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed);
  Write("server.crt", next_.pem());
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed) << "the key may still come";
  Write("server.key", next_.key_pem());
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed);
  const TlsFiles::ReadResult look = files->ReadIfDue(absl::Now());
  EXPECT_TRUE(look.changed);
  EXPECT_TRUE(look.status.ok()) << look.status;
  EXPECT_EQ(BytesOfFile(files->identity_path()), next_.key_pem() + "\n" + next_.pem());
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed);
}

TEST_F(TlsFilesTest, KeepsTheOldFilesIfTheNewOnesAreInvalid) {
  const auto files = ReadAll();
  Write("server.crt", next_.pem());  // without its key
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed);
  const TlsFiles::ReadResult look = files->ReadIfDue(absl::Now());
  EXPECT_TRUE(look.changed);
  EXPECT_THAT(std::string(look.status.message()), HasSubstr("it does not belong"));
  EXPECT_EQ(BytesOfFile(files->identity_path()), server_.key_pem() + "\n" + server_.pem());
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed) << "said once";
  std::filesystem::remove(Path("server.crt"));
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).changed);
  EXPECT_FALSE(files->ReadIfDue(absl::Now()).status.ok());
  EXPECT_TRUE(files->Revoked(revoked_.pem()));
}

// E.g. a certificate from an authority whose clock is ahead.
TEST_F(TlsFilesTest, AppliesACertificateOnceItIsValid) {
  const auto files = ReadAll();
  const absl::Time now = absl::Now();
  const MadeCertificate later = root_.Issue({.valid_from_seconds = 600});
  Write("server.crt", later.pem());
  Write("server.key", later.key_pem());
  files->ReadIfDue(now);
  const TlsFiles::ReadResult refused = files->ReadIfDue(now);
  EXPECT_TRUE(refused.changed);
  EXPECT_THAT(std::string(refused.status.message()), HasSubstr("is not valid before"));
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(files->ReadIfDue(now).changed) << "said once";
  TlsFiles::ReadResult taken;
  for (int i = 0; i < 5 && !taken.changed; ++i) taken = files->ReadIfDue(now + absl::Hours(1));
  EXPECT_TRUE(taken.changed);
  EXPECT_TRUE(taken.status.ok()) << taken.status;
  EXPECT_EQ(BytesOfFile(files->identity_path()), later.key_pem() + "\n" + later.pem());
}

TEST_F(TlsFilesTest, AppliesFilesOnceADescriptorIsFree) {
  const auto files = ReadAll();
  Write("server.crt", next_.pem());
  Write("server.key", next_.key_pem());
  files->ReadIfDue(absl::Now());
  TlsFiles::ReadResult refused;
  {
    const DescriptorLimit none(0);
    refused = files->ReadIfDue(absl::Now());
  }
  EXPECT_TRUE(refused.changed);
  EXPECT_FALSE(refused.status.ok());
  EXPECT_EQ(BytesOfFile(files->identity_path()), server_.key_pem() + "\n" + server_.pem());
  TlsFiles::ReadResult taken;
  for (int i = 0; i < 5 && !taken.changed; ++i) taken = files->ReadIfDue(absl::Now());
  EXPECT_TRUE(taken.changed);
  EXPECT_TRUE(taken.status.ok()) << taken.status;
}

// A certificate that nobody renewed must not keep a revocation from taking effect.
TEST_F(TlsFilesTest, AppliesRevocationListsDespiteAnExpiredCertificate) {
  const auto files = ReadAll();
  const absl::Time later = absl::Now() + absl::Hours(30);  // the certificate expires after 24
  Write("clients.crl", root_.RevocationList({&client_}, {.ends_seconds = 864'000}));
  files->ReadIfDue(later);
  const TlsFiles::ReadResult look = files->ReadIfDue(later);
  EXPECT_TRUE(look.changed);
  EXPECT_TRUE(look.status.ok()) << look.status;
  EXPECT_TRUE(files->Revoked(client_.pem()));
  // A new certificate that has expired is refused.
  Write("server.crt", root_.Issue({}).pem());
  files->ReadIfDue(later);
  EXPECT_FALSE(files->ReadIfDue(later).status.ok());
}

TEST_F(TlsFilesTest, AppliesFilesThatKeepChanging) {
  const auto files = ReadAll();
  TlsFiles::ReadResult taken;
  for (int i = 0; i < 12 && !taken.changed; ++i) {
    Write("clients.crl", root_.RevocationList({&client_, &revoked_}, {.issued_seconds = -60 - i}));
    taken = files->ReadIfDue(absl::Now());
  }
  EXPECT_TRUE(taken.changed);
  EXPECT_TRUE(taken.status.ok()) << taken.status;
  EXPECT_TRUE(files->Revoked(client_.pem()));
}

TEST_F(TlsFilesTest, RefusesAWorldReadableKeyInTheCertificateFile) {
  Write("server.crt", server_.pem() + server_.key_pem(), 0644);
  EXPECT_THAT(Error(),
              HasSubstr("--tls-cert: '" + Path("server.crt") + "': it contains a private key"));
  Write("server.crt", server_.pem() + server_.key_pem(), 0640);
  EXPECT_EQ(Error(), "");
}

// Refusing the new certificate would not bring newer revocation lists.
TEST_F(TlsFilesTest, AppliesANewCertificateDespiteExpiredLists) {
  const auto files = ReadAll();
  Write("server.crt", next_.pem());
  Write("server.key", next_.key_pem());
  const absl::Time later = absl::Now() + absl::Hours(30);  // the lists end after 24, it after 48
  files->ReadIfDue(later);
  const TlsFiles::ReadResult look = files->ReadIfDue(later);
  EXPECT_TRUE(look.changed);
  EXPECT_TRUE(look.status.ok()) << look.status;
  EXPECT_TRUE(files->Revoked(revoked_.pem()));
  // New lists that are out of date are refused.
  Write("clients.crl", root_.RevocationList({&client_}));
  files->ReadIfDue(later);
  EXPECT_THAT(std::string(files->ReadIfDue(later).status.message()),
              HasSubstr("--tls-crl: '" + Path("clients.crl") +
                        "': revocation list number 1 has been out of date since "));
  EXPECT_FALSE(files->Revoked(client_.pem()));
}

// As in Kubernetes: the files are links into a folder, by way of a link that is replaced.
TEST_F(TlsFilesTest, FollowsLinksThatAreExchanged) {
  namespace fs = std::filesystem;
  for (const auto& [folder, made] : {std::pair("one", &server_), std::pair("two", &next_)}) {
    fs::create_directory(Path(folder));
    Write(std::string(folder) + "/server.crt", made->pem());
    Write(std::string(folder) + "/server.key", made->key_pem());
  }
  fs::create_directory_symlink("one", Path("..data"));
  for (const char* name : {"server.crt", "server.key"}) {
    fs::remove(Path(name));
    fs::create_symlink(fs::path("..data") / name, Path(name));
  }
  const auto files = ReadAll();
  fs::create_directory_symlink("two", Path("..new"));
  fs::rename(Path("..new"), Path("..data"));
  files->ReadIfDue(absl::Now());
  EXPECT_TRUE(files->ReadIfDue(absl::Now()).changed);
  EXPECT_EQ(BytesOfFile(files->identity_path()), next_.key_pem() + "\n" + next_.pem());
}

TEST_F(TlsFilesTest, AHundredExchangesLeaveNoDescriptorBehind) {
  const auto files = ReadAll();
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = descriptors();
  for (int i = 0; i < 100; ++i) {
    const MadeCertificate& one = i % 2 == 0 ? next_ : server_;
    Write("server.crt", one.pem());
    Write("server.key", one.key_pem());
    files->ReadIfDue(absl::Now());
    ASSERT_TRUE(files->ReadIfDue(absl::Now()).status.ok());
  }
  EXPECT_EQ(descriptors(), before);
}

}  // namespace
}  // namespace mlp
