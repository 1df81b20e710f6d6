// The same document, encrypted by qpdf 11 in every way there is: an independent writer of what we
// read.

#include "amanat/unpack/pdf_decryption.h"

#include <array>
#include <string>

#include <doctest/doctest.h>

#include "amanat/unpack/test_look.h"

using namespace amanat;
using namespace amanat::unpack;

namespace {

struct Sealed {
  std::string_view how;
  std::string_view encryption;  // the dictionary
  std::string_view script;      // app.alert(1); in hexadecimal
  std::string_view stream;      // hello from object 4
};
constexpr auto kSealed = std::to_array<Sealed>({
    {.how = "RC4 of 40 bits",
     .encryption =
         "<< /Filter /Standard /Length 40 /O "
         "<59aebc0b228d02a1dd1afd7be52ad249afdc6fd71ef9234a49bfa56eb72c801a> /P -4 /R 2 /U"
         " <e23ac2619ee869e59c74359016d61e1f679878b9b40dc9cad840e64a1f15175d> /V 1 >>",
     .script = "204ad232967e271f79c85aa6c0",
     .stream = "ad8bfe5134bd6aa2b8f34d0f5d4aba5bddb7bd"},
    {.how = "RC4 of 128 bits",
     .encryption =
         "<< /Filter /Standard /Length 128 /O "
         "<65fbeeb76e4691b7dc4babe5b911ce87196f39d0cfda0f00920838327413a714> /P -4 /R 3 /U"
         " <ce7c3c12dc2ddec47e6e334f0a6a01810122456a91bae5134273a6db134c87c4> /V 2 >>",
     .script = "f738de7fc643c8a24d81daf832",
     .stream = "04cf1fa020314960e81262ddeb4295af2cc36f"},
    {.how = "AES of 128 bits, metadata in clear",
     .encryption = "<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV2 /Length 16 >> >> "
                   "/EncryptMetadata false /Filter /Standard /Length 128 /O "
                   "<65fbeeb76e4691b7dc4babe5b911ce87196f39d0cfda0f00920838327413a714> /P -4 /R 4 "
                   "/StmF /StdCF /StrF /StdCF /U "
                   "<cb843d0c88a603084d034f2b0dd5a5230122456a91bae5134273a6db134c87c4> /V 4 >>",
     .script = "c7f538621769d9ee71202106f6a2c2f2493624656501d91e89b15c6a4f01f23b",
     .stream = "66668a23a72b131b7dc7bdf293c3355f8ef427b0c3098213b25e611b3dd33d1fef6bb31a3f5357a4"
               "286be4e7588d19ab"},
    {.how = "AES of 256 bits, revision 5",
     .encryption =
         "<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
         "/Standard /Length 256 /O <2fb8d0b4bdc9bcfb7fbd749dff2c815c6eadc895018bae2950f313"
         "bf35e1c4a168f75c645038407c56bd2026c04a6d3e> /P -4 /R 5 /StmF /StdCF /StrF /StdCF"
         " /U <b29092a34194b2ab157234d40de7879efc0bd8f2e9efbd6577aad339b74f69181b45317d625"
         "90f401493b970187fc556> /UE "
         "<c825d1503af9dbae98a3a6541d1ebdfb79c82ee23fdeb045e16a60844e59236c> /V 5 >>",
     .script = "cabea233b56ef871f30a4338804264c82ca5857e5f20fbe9dd6c555851d505d5",
     .stream = "723b33072bc8c12b8cd88e83579f85acaf1245cf440e3b7ad1d94c56901cb3b948efa8be81d5034a"
               "fb33fde9bf701dfc"},
    {.how = "AES of 256 bits",
     .encryption =
         "<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
         "/Standard /Length 256 /O <a88125af918181b60732d447731978e6691ffb963db1e972698b5c"
         "387aa696633c4ecc790107426ee412d63f7ed92c5b> /P -4 /R 6 /StmF /StdCF /StrF /StdCF"
         " /U <64b432fcdbb38aa566d4c6e4938de0e5e553f13ad9b31cd12a507bbc211e98d80aaba590a0b"
         "a53353a69b5928645452c> /UE "
         "<18a6e3e349ab6fe3f1e590be56a85d1468ceb978bf8c940d4313914183a64e0c> /V 5 >>",
     .script = "c17ddbf389897e0fec45e3501a079f9314aa35668e84c66e15139d46a9759051",
     .stream = "2430e52b92c86cd7f39335ce5de34eb35d04ab1991d6ea268e978f825a6796001656d0a0b6b67944"
               "3d53c932e7bfd847"},
    {.how = "RC4, with a password",
     .encryption =
         "<< /Filter /Standard /Length 128 /O "
         "<3837c59b088c55a8f63e6ff222eb81d9c8bb386e319c31366d6caf4c3f4c6790> /P -4 /R 3 /U"
         " <25e96afb9a967974ccd4126d2dd8d42e0122456a91bae5134273a6db134c87c4> /V 2 >>",
     .script = "06a5fb844afab5216bbe175847",
     .stream = "da926673f3463344f14dab0d1c04df3a0df34e"},
    {.how = "AES, with a password",
     .encryption =
         "<< /CF << /StdCF << /AuthEvent /DocOpen /CFM /AESV3 /Length 32 >> >> /Filter "
         "/Standard /Length 256 /O <398953f5622b8a2e9d71b74017cc8c00cb9df85c7f2860378070d6"
         "96a5ebfc355672965ac1b4a888df971baf24c74f06> /P -4 /R 6 /StmF /StdCF /StrF /StdCF"
         " /U <368284feeb8971cf7aeb2c7b5e765fd9bae312243869603c5e8a4d8dd306a9641c72d47fd16"
         "e283f7f69dac23cc590a8> /UE "
         "<0447f3174572756ceb88e0abd83a46efa7a9265247814252bf5fa6af2cc26745> /V 5 >>",
     .script = "7360a053ff432454e1ffa94a5ec750dc144df205900d8d37830d7e6857b84501",
     .stream = "bade8b8402e1a54eeaea5a9982c80288b362bc617dfaa570469cbf5bf56a126c915af76f49e2949a"
               "b1be03922898d7a7"},
});
constexpr std::size_t kWithPassword = 5;  // from this one on the empty password opens nothing

std::string document(const Sealed& sealed, std::string_view length = "/Length 99999") {
  const auto stream = from_hex(sealed.stream);
  REQUIRE(stream.has_value());
  return "%PDF-1.5\n1 0 obj\n<< /JS <" + std::string(sealed.script) + "> >>\nendobj\n4 0 obj\n<< "
         + std::string(length) + " >>\nstream\n" + std::string(as_text(*stream))
         + "\nendstream\nendobj\n5 0 obj\n" + std::string(sealed.encryption)
         + "\nendobj\ntrailer << /ID [<0123456789abcdef0123456789abcdef><00>] /Encrypt 5 0 R >>\n";
}

}  // namespace

TEST_CASE("documents that the empty password opens are decrypted, streams and scripts") {
  for (std::size_t i = 0; i < kWithPassword; ++i) {
    CAPTURE(kSealed[i].how);
    const Looked looked = look_into(Kind::pdf, as_bytes(document(kSealed[i])));
    CHECK(looked.outcome.end == End::whole);
    CHECK(looked.content_of("object 1 JavaScript") == "app.alert(1);");
    CHECK(looked.content_of("object 4") == "hello from object 4");
  }
}

TEST_CASE("documents with a password stay encrypted, and are told so") {
  for (std::size_t i = kWithPassword; i < kSealed.size(); ++i) {
    CAPTURE(kSealed[i].how);
    const Looked looked = look_into(Kind::pdf, as_bytes(document(kSealed[i])));
    CHECK(looked.outcome.end == End::encrypted);
    CHECK(looked.content_of("object 4") != "hello from object 4");
  }
}

TEST_CASE("the encryption dictionary may stand in the trailer itself") {
  std::string text = document(kSealed[2]);
  const std::string reference = "/Encrypt 5 0 R";
  const std::size_t at = text.find(reference);
  text.replace(at, reference.size(), "/Encrypt " + std::string(kSealed[2].encryption));
  CHECK(look_into(Kind::pdf, as_bytes(text)).content_of("object 4") == "hello from object 4");
}

TEST_CASE("an encryption that makes no sense leaves the document encrypted") {
  const std::string good = document(kSealed[4]);
  const auto end_with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return look_into(Kind::pdf, as_bytes(text)).outcome.end;
  };
  CHECK(end_with("/Standard", "/Another") == End::encrypted);
  CHECK(end_with("/AESV3", "/AESV9") == End::encrypted);
  CHECK(end_with("/R 6", "/R 7") == End::encrypted);
  CHECK(end_with("/R 6", "/R 3") == End::encrypted);
  CHECK(end_with("/V 5", "/V 4") == End::encrypted);
  CHECK(end_with("/UE", "/XX") == End::encrypted);
  CHECK(end_with("/Encrypt 5 0 R", "/Encrypt 9 0 R") == End::encrypted);
  for (std::size_t size = 0; size < good.size(); size += 3) {
    look_into(Kind::pdf, as_bytes(good).first(size));
  }
}

TEST_CASE("streams shorter than a block of their cipher are empty") {
  Sealed sealed = kSealed[4];
  sealed.stream = sealed.stream.substr(0, 30);
  CHECK(look_into(Kind::pdf, as_bytes(document(sealed))).content_of("object 4").empty());
}
