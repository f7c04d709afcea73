// Row 11. A sender may have CREDITS samples on their way to a trace port that drops a sample when its reader is busy
// (non-blocking push). Each sample that leaves the queue gives its credit back.
// BUG = 1: the credit is given back only when the push succeeds, so each dropped sample loses one for ever.
module credit_loop #(
  parameter int W = 4,
  parameter int CREDITS = 2,
  parameter bit BUG = 0
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in_val,
  output logic         in_rdy,
  input  logic [W-1:0] in_msg,
  output logic         out_val,
  input  logic         out_rdy,
  output logic [W-1:0] out_msg
);
  localparam int C = $clog2(CREDITS + 1);
  logic [C-1:0] credits;
  logic         sampled;  // a sample is on its way
  logic [W-1:0] sample;

  wire send     = in_val & in_rdy;
  wire success  = sampled & out_rdy;
  wire giveback = BUG ? success : sampled;

  assign in_rdy  = credits != 0;
  assign out_val = sampled;
  assign out_msg = sample;

  always_ff @(posedge clk) begin
    if (rst) begin
      credits <= CREDITS;
      sampled <= 0;
    end else begin
      credits <= credits - send + giveback;
      sampled <= send;
    end
    if (send) sample <= in_msg;
  end
endmodule
