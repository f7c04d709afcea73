import { expect, test } from 'vitest';
import { findChannels, type PortShape } from './channels.ts';
import { userConvention } from './conventions.ts';

/** `>name:width` an input, `<name:width` an output. */
function ports(text: string): PortShape[] {
  return text
    .trim()
    .split(/\s+/)
    .map(word => {
      const [name = '', width = '1'] = word.slice(1).split(':');
      return { name, direction: word[0] === '>' ? 'in' : 'out', width: Number(width) };
    });
}

/** One line a channel. */
function found(text: string, patterns: string[] = []): string[] {
  const { channels, rest } = findChannels(
    ports(text),
    patterns.map(p => userConvention(p)!),
  );
  return [
    ...channels.map(
      c =>
        `${c.direction} ${c.name} ${c.valid.port}/${c.ready?.port ?? '-'}/${c.payload.map(p => `${p.port}${p.lsb > 0 || c.valid.lsb > 0 ? `@${p.lsb}` : ''}`).join('+') || '-'}`,
    ),
    `rest ${rest.map(p => p.name).join(' ')}`,
  ];
}

test.each([
  [
    '>clk >rst >in_valid <in_ready >in_data:8 <out_valid >out_ready <out_data:8',
    ['in in in_valid/in_ready/in_data', 'out out out_valid/out_ready/out_data', 'rest clk rst'],
  ],
  [
    '>aclk >aresetn >s_axis_tvalid <s_axis_tready >s_axis_tdata:32 >s_axis_tkeep:4 >s_axis_tlast >s_axis_tuser <m_axis_tvalid >m_axis_tready <m_axis_tdata:8 <m_axis_tlast <status',
    [
      'in s_axis s_axis_tvalid/s_axis_tready/s_axis_tdata+s_axis_tkeep+s_axis_tlast+s_axis_tuser',
      'out m_axis m_axis_tvalid/m_axis_tready/m_axis_tdata+m_axis_tlast',
      'rest aclk aresetn status',
    ],
  ],
  [
    '>clk_i >rst_ni >valid_i <ready_o >data_i:8 <valid_o >ready_i <data_o:8',
    ['in in valid_i/ready_o/data_i', 'out out valid_o/ready_i/data_o', 'rest clk_i rst_ni'],
  ],
  [
    '>i_clk >i_valid <o_ready >i_data:8 <o_valid >i_ready <o_data:8',
    ['in i i_valid/o_ready/i_data', 'out o o_valid/i_ready/o_data', 'rest i_clk'],
  ],
  [
    '>io_enq_valid <io_enq_ready >io_enq_bits_addr:4 >io_enq_bits_data:4 <io_deq_valid >io_deq_ready <io_deq_bits:8',
    [
      'in io_enq io_enq_valid/io_enq_ready/io_enq_bits_addr+io_enq_bits_data',
      'out io_deq io_deq_valid/io_deq_ready/io_deq_bits',
      'rest ',
    ],
  ],
  [
    '>req_val <req_rdy >req_msg:8 <resp_val >resp_rdy <resp_msg:4',
    ['in req req_val/req_rdy/req_msg', 'out resp resp_val/resp_rdy/resp_msg', 'rest '],
  ],
  [
    '>S_AXIS_TVALID <S_AXIS_TREADY >S_AXIS_TDATA:8 >inValid <inReady >inData:4',
    ['in S_AXIS S_AXIS_TVALID/S_AXIS_TREADY/S_AXIS_TDATA', 'in in inValid/inReady/inData', 'rest '],
  ],
  [
    '>s_axi_awvalid <s_axi_awready >s_axi_awaddr:8 >s_axi_wvalid <s_axi_wready >s_axi_wdata:8 >s_axi_wstrb <s_axi_bvalid >s_axi_bready <s_axi_bresp:2',
    [
      'in s_axi_aw s_axi_awvalid/s_axi_awready/s_axi_awaddr',
      'in s_axi_w s_axi_wvalid/s_axi_wready/s_axi_wdata+s_axi_wstrb',
      'out s_axi_b s_axi_bvalid/s_axi_bready/s_axi_bresp',
      'rest ',
    ],
  ],
  // channel without ready, channel without payload, lone valid, a word that only ends in valid
  [
    '>cfg_valid >cfg_data:4 >tick_valid <tick_ready >lone_valid >invalid >in_invalid',
    ['in cfg cfg_valid/-/cfg_data', 'in tick tick_valid/tick_ready/-', 'rest lone_valid invalid in_invalid'],
  ],
  // the direction of ready must oppose that of valid
  ['>a_valid >a_ready >a_data', ['in a a_valid/-/a_data', 'rest a_ready']],
  // longest prefix first
  [
    '>in_valid <in_ready >in_data:2 >in_a_valid <in_a_ready >in_a_data:3',
    ['in in in_valid/in_ready/in_data', 'in in_a in_a_valid/in_a_ready/in_a_data', 'rest '],
  ],
])('channels of %s', (text, lines) => {
  expect(found(text)).toEqual(lines);
});

test('a vector of channels is divided', () => {
  expect(found('>s_axis_tvalid:2 <s_axis_tready:2 >s_axis_tdata:16 >s_axis_tlast:2 >grant_data:3')).toEqual([
    'in s_axis[0] s_axis_tvalid/s_axis_tready/s_axis_tdata+s_axis_tlast',
    'in s_axis[1] s_axis_tvalid/s_axis_tready/s_axis_tdata@8+s_axis_tlast@1',
    'rest grant_data',
  ]);
});

test('user patterns come first', () => {
  expect(
    found('>push_req <push_ack >push_d:4 >push_a:2', ['valid=*_req ready=*_ack payload=*_d,*_a']),
  ).toEqual(['in push push_req/push_ack/push_d+push_a', 'rest ']);
  expect(userConvention('valid=foo')).toBeUndefined();
  expect(userConvention('vaild=*_x')).toBeUndefined();
});
