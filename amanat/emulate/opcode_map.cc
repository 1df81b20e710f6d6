#include "amanat/emulate/opcode_map.h"

namespace amanat::emulate {
namespace {

using enum Operation;
using enum Arg;

// clang-format off
constexpr std::array<Row, 256> kOneByte = {{
    // 00: prefixes are taken before
    {add, Eb, Gb}, {add, Ev, Gv}, {add, Gb, Eb}, {add, Gv, Ev},
    {add, AL, Ib}, {add, rAX, Iz}, {push_segment, word}, {pop_segment, word},
    {bit_or, Eb, Gb}, {bit_or, Ev, Gv}, {bit_or, Gb, Eb}, {bit_or, Gv, Ev},
    {bit_or, AL, Ib}, {bit_or, rAX, Iz}, {push_segment, word}, {undefined},
    // 10
    {adc, Eb, Gb}, {adc, Ev, Gv}, {adc, Gb, Eb}, {adc, Gv, Ev},
    {adc, AL, Ib}, {adc, rAX, Iz}, {push_segment, word}, {pop_segment, word},
    {sbb, Eb, Gb}, {sbb, Ev, Gv}, {sbb, Gb, Eb}, {sbb, Gv, Ev},
    {sbb, AL, Ib}, {sbb, rAX, Iz}, {push_segment, word}, {pop_segment, word},
    // 20
    {bit_and, Eb, Gb}, {bit_and, Ev, Gv}, {bit_and, Gb, Eb}, {bit_and, Gv, Ev},
    {bit_and, AL, Ib}, {bit_and, rAX, Iz}, {undefined}, {daa},
    {sub, Eb, Gb}, {sub, Ev, Gv}, {sub, Gb, Eb}, {sub, Gv, Ev},
    {sub, AL, Ib}, {sub, rAX, Iz}, {undefined}, {das},
    // 30
    {bit_xor, Eb, Gb}, {bit_xor, Ev, Gv}, {bit_xor, Gb, Eb}, {bit_xor, Gv, Ev},
    {bit_xor, AL, Ib}, {bit_xor, rAX, Iz}, {undefined}, {aaa},
    {cmp, Eb, Gb}, {cmp, Ev, Gv}, {cmp, Gb, Eb}, {cmp, Gv, Ev},
    {cmp, AL, Ib}, {cmp, rAX, Iz}, {undefined}, {aas},
    // 40
    {inc, Zv}, {inc, Zv}, {inc, Zv}, {inc, Zv}, {inc, Zv}, {inc, Zv}, {inc, Zv}, {inc, Zv},
    {dec, Zv}, {dec, Zv}, {dec, Zv}, {dec, Zv}, {dec, Zv}, {dec, Zv}, {dec, Zv}, {dec, Zv},
    // 50
    {push, Zv}, {push, Zv}, {push, Zv}, {push, Zv}, {push, Zv}, {push, Zv}, {push, Zv}, {push, Zv},
    {pop, Zv}, {pop, Zv}, {pop, Zv}, {pop, Zv}, {pop, Zv}, {pop, Zv}, {pop, Zv}, {pop, Zv},
    // 60
    {pusha, word}, {popa, word}, {bound, Gv, M}, {unsupported},
    {undefined}, {undefined}, {undefined}, {undefined},
    {push, Iz}, {imul, Gv, Ev, Iz}, {push, Ibs}, {imul, Gv, Ev, Ibs},
    {privileged}, {privileged}, {privileged}, {privileged},
    // 70
    {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb},
    {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb}, {jcc, Jb},
    // 80
    {group1, Eb, Ib}, {group1, Ev, Iz}, {group1, Eb, Ib}, {group1, Ev, Ibs},
    {test, Eb, Gb}, {test, Ev, Gv}, {xchg, Eb, Gb}, {xchg, Ev, Gv},
    {mov, Eb, Gb}, {mov, Ev, Gv}, {mov, Gb, Eb}, {mov, Gv, Ev},
    {mov_from_segment, Ev, Sw}, {lea, Gv, M}, {mov_to_segment, Sw, Ew}, {group1a, Ev},
    // 90
    {nop}, {xchg, Zv, rAX}, {xchg, Zv, rAX}, {xchg, Zv, rAX},
    {xchg, Zv, rAX}, {xchg, Zv, rAX}, {xchg, Zv, rAX}, {xchg, Zv, rAX},
    {cbw, word}, {cwd, word}, {unsupported}, {nop}, {pushf, word}, {popf, word}, {sahf}, {lahf},
    // a0
    {mov, AL, Ob}, {mov, rAX, Ov}, {mov, Ob, AL}, {mov, Ov, rAX},
    {movs, Arg::byte}, {movs, word}, {cmps, Arg::byte}, {cmps, word},
    {test, AL, Ib}, {test, rAX, Iz}, {stos, Arg::byte}, {stos, word},
    {lods, Arg::byte}, {lods, word}, {scas, Arg::byte}, {scas, word},
    // b0
    {mov, Zb, Ib}, {mov, Zb, Ib}, {mov, Zb, Ib}, {mov, Zb, Ib},
    {mov, Zb, Ib}, {mov, Zb, Ib}, {mov, Zb, Ib}, {mov, Zb, Ib},
    {mov, Zv, Iz}, {mov, Zv, Iz}, {mov, Zv, Iz}, {mov, Zv, Iz},
    {mov, Zv, Iz}, {mov, Zv, Iz}, {mov, Zv, Iz}, {mov, Zv, Iz},
    // c0
    {group2, Eb, Ib}, {group2, Ev, Ib}, {ret, Iw}, {ret},
    {unsupported, M}, {unsupported, M}, {group11, Eb, Ib}, {group11, Ev, Iz},
    {enter, Iw, Nb}, {leave, word}, {unsupported}, {unsupported},
    {int3}, {int_n, Ib}, {into}, {unsupported},
    // d0
    {group2, Eb, one}, {group2, Ev, one}, {group2, Eb, CL}, {group2, Ev, CL},
    {aam, Ib}, {aad, Ib}, {salc}, {xlat}, {x87, Ev}, {x87, Ev}, {x87, Ev}, {x87, Ev},
    {x87, Ev}, {x87, Ev}, {x87, Ev}, {x87, Ev},
    // e0
    {loopne, Jb}, {loope, Jb}, {loop, Jb}, {jecxz, Jb},
    {privileged}, {privileged}, {privileged}, {privileged},
    {call, Jz}, {jmp, Jz}, {unsupported}, {jmp, Jb},
    {privileged}, {privileged}, {privileged}, {privileged},
    // f0
    {undefined}, {icebp}, {undefined}, {undefined},
    {privileged}, {cmc}, {group3_byte, Eb}, {group3, Ev}, {clc}, {stc}, {privileged}, {privileged},
    {cld}, {std_}, {group4, Eb}, {group5, Ev},
}};
// clang-format on

// The map behind 0f is mostly MMX and SSE, so that it is filled by what we know of it.
constexpr std::array<Row, 256> make_two_byte_map() {
  std::array<Row, 256> map{};
  const auto fill = [&map](unsigned from, unsigned to, const Row& row) {
    for (unsigned i = from; i <= to; ++i) map[i] = row;
  };
  fill(0x00, 0x03, {unsupported});  // descriptor tables, selectors
  map[0x05] = {unsupported};
  map[0x06] = {privileged};
  fill(0x08, 0x09, {privileged});
  map[0x0a] = {host_call};
  map[0x0d] = {nop, Ev};
  fill(0x10, 0x17, {unsupported});  // SSE
  fill(0x18, 0x1f, {nop, Ev});
  fill(0x20, 0x23, {privileged});
  fill(0x28, 0x2f, {unsupported});
  map[0x30] = {privileged};
  map[0x31] = {rdtsc};
  fill(0x32, 0x33, {privileged});
  map[0x34] = {unsupported};
  map[0x38] = map[0x3a] = {unsupported};
  fill(0x40, 0x4f, {cmov, Gv, Ev});
  fill(0x50, 0x7f, {unsupported});
  fill(0x80, 0x8f, {jcc, Jz});
  fill(0x90, 0x9f, {setcc, Eb});
  map[0xa0] = map[0xa8] = {push_segment, word};
  map[0xa1] = map[0xa9] = {pop_segment, word};
  map[0xa2] = {cpuid};
  map[0xa3] = {bt, Ev, Gv};
  map[0xa4] = {shld, Ev, Gv, Ib};
  map[0xa5] = {shld, Ev, Gv, CL};
  map[0xab] = {bts, Ev, Gv};
  map[0xac] = {shrd, Ev, Gv, Ib};
  map[0xad] = {shrd, Ev, Gv, CL};
  map[0xae] = {unsupported};
  map[0xaf] = {imul, Gv, Ev};
  map[0xb0] = {cmpxchg, Eb, Gb};
  map[0xb1] = {cmpxchg, Ev, Gv};
  map[0xb2] = map[0xb4] = map[0xb5] = {unsupported, M};
  map[0xb3] = {btr, Ev, Gv};
  map[0xb6] = {mov, Gv, Eb};  // MOVZX: what is read has zeros above
  map[0xb7] = {mov, Gv, Ew};
  map[0xb8] = {unsupported};
  map[0xba] = {group8, Ev, Ib};
  map[0xbb] = {btc, Ev, Gv};
  map[0xbc] = {bsf, Gv, Ev};
  map[0xbd] = {bsr, Gv, Ev};
  map[0xbe] = {movsx, Gv, Eb};
  map[0xbf] = {movsx, Gv, Ew};
  map[0xc0] = {xadd, Eb, Gb};
  map[0xc1] = {xadd, Ev, Gv};
  fill(0xc2, 0xc6, {unsupported});
  map[0xc7] = {group9, M};
  fill(0xc8, 0xcf, {bswap, Zv});
  fill(0xd0, 0xfe, {unsupported});
  return map;
}
constexpr std::array<Row, 256> kTwoByte = make_two_byte_map();

using Group = std::array<Row, 8>;
constexpr Group kGroup1 = {{{add}, {bit_or}, {adc}, {sbb}, {bit_and}, {sub}, {bit_xor}, {cmp}}};
constexpr Group kGroup1a = {{{pop}, {}, {}, {}, {}, {}, {}, {}}};
constexpr Group kGroup2 = {{{rol}, {ror}, {rcl}, {rcr}, {shl}, {shr}, {shl}, {sar}}};
constexpr Group kGroup3Byte = {
    {{test, Eb, Ib}, {test, Eb, Ib}, {bit_not}, {neg}, {mul}, {imul_wide}, {div}, {idiv}}};
constexpr Group kGroup3 = {
    {{test, Ev, Iz}, {test, Ev, Iz}, {bit_not}, {neg}, {mul}, {imul_wide}, {div}, {idiv}}};
constexpr Group kGroup4 = {{{inc}, {dec}, {}, {}, {}, {}, {}, {}}};
constexpr Group kGroup5 = {
    {{inc}, {dec}, {call}, {unsupported, M}, {jmp}, {unsupported, M}, {push}, {}}};
constexpr Group kGroup8 = {{{}, {}, {}, {}, {bt}, {bts}, {btr}, {btc}}};
constexpr Group kGroup9 = {{{}, {cmpxchg8b}, {}, {}, {}, {}, {}, {}}};
constexpr Group kGroup11 = {{{mov}, {}, {}, {}, {}, {}, {}, {}}};

const Group* group_of(Operation operation) {
  switch (operation) {
    case group1: return &kGroup1;
    case group1a: return &kGroup1a;
    case group2: return &kGroup2;
    case group3_byte: return &kGroup3Byte;
    case group3: return &kGroup3;
    case group4: return &kGroup4;
    case group5: return &kGroup5;
    case group8: return &kGroup8;
    case group9: return &kGroup9;
    case group11: return &kGroup11;
    default: return nullptr;
  }
}

}  // namespace

const Row& one_byte_row(std::uint8_t opcode) { return kOneByte[opcode]; }
const Row& two_byte_row(std::uint8_t opcode) { return kTwoByte[opcode]; }

Row choose_in_group(const Row& row, std::uint8_t selector) {
  const Group* group = group_of(row.operation);
  if (group == nullptr) return row;
  Row chosen = (*group)[selector & 7];
  if (chosen.to == Arg::none) {  // the operands of the group
    chosen.to = row.to;
    chosen.from = row.from;
  }
  return chosen;
}

bool may_be_locked(Operation operation) {
  switch (operation) {
    case add:
    case bit_or:
    case adc:
    case sbb:
    case bit_and:
    case sub:
    case bit_xor:
    case inc:
    case dec:
    case neg:
    case bit_not:
    case bts:
    case btr:
    case btc:
    case xchg:
    case xadd:
    case cmpxchg:
    case cmpxchg8b: return true;
    default: return false;
  }
}

}  // namespace amanat::emulate
