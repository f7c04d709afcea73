// A round-robin arbiter that merges three valid/ready streams, with an output register; it keeps to a source until the last
// word of a packet (top payload bit) has been taken.
// BUG = 1: the grant is looked up in the unmasked "last" bits (invalid data).
// BUG = 2: the source after the owner is kept instead of the owner; there is no source number 3 (deadlock).
// BUG = 3: a word that arrives while the output stalls replaces the one that waits (lost).
module arbiter #(
  parameter int W = 2,
  parameter int BUG = 0
) (
  input  logic             clk,
  input  logic             rst,
  input  logic             s0_valid,
  output logic             s0_ready,
  input  logic [W:0]       s0_data,
  input  logic             s1_valid,
  output logic             s1_ready,
  input  logic [W:0]       s1_data,
  input  logic             s2_valid,
  output logic             s2_ready,
  input  logic [W:0]       s2_data,
  output logic             m_valid,
  input  logic             m_ready,
  output logic [W:0]       m_data
);
  logic [1:0] first;    // the source that is first in line
  logic [1:0] owner;    // the source of the open packet
  logic       open;     // a packet is open
  logic       busy;
  logic [W:0] word;

  wire [3:0] valid = {1'b0, s2_valid, s1_valid, s0_valid};
  wire [3:0] last  = {1'b0, s2_data[W], s1_data[W], s0_data[W]};
  wire [3:0] want  = BUG == 1 ? valid | last : valid;
  wire       space = !busy | m_ready | BUG == 3;

  wire [1:0] second = first == 2 ? 0 : first + 1;
  wire [1:0] third  = second == 2 ? 0 : second + 1;
  wire [1:0] choice = open ? owner : want[first] ? first : want[second] ? second : third;
  wire       take   = valid[choice] & space;
  wire       closes = last[choice];

  assign s0_ready = space & choice == 0;
  assign s1_ready = space & choice == 1;
  assign s2_ready = space & choice == 2;
  assign m_valid  = busy;
  assign m_data   = word;

  always_ff @(posedge clk) begin
    if (rst) begin
      first <= 0;
      owner <= 0;
      open  <= 0;
      busy  <= 0;
    end else begin
      if (take) begin
        open  <= !closes;
        owner <= BUG == 2 ? choice + 1 : choice;
        if (closes) first <= choice == 2 ? 0 : choice + 1;
      end
      if (space) busy <= take | (BUG == 3 & busy & !m_ready);
    end
    if (take) word <= choice == 0 ? s0_data : choice == 1 ? s1_data : s2_data;
  end
endmodule
