// Row 4. A stage that peeks at its control channel: a FLUSH command (top bit set) goes out before any data,
// every other command is dropped; data passes when no flush is waiting.
// BUG = 1: the decision is made from the peeked message even when the control channel is empty.
module peek_stage #(
  parameter int W = 3,
  parameter bit BUG = 0
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         ctl_val,
  output logic         ctl_rdy,
  input  logic [W-1:0] ctl_msg,
  input  logic         in_val,
  output logic         in_rdy,
  input  logic [W-1:0] in_msg,
  output logic         out_val,
  input  logic         out_rdy,
  output logic [W:0]   out_msg
);
  logic       busy;
  logic [W:0] held;

  wire flush = ctl_msg[W-1] & (ctl_val | BUG);
  wire space = !busy | out_rdy;

  assign ctl_rdy = space;
  assign in_rdy  = space & !flush;
  assign out_val = busy;
  assign out_msg = held;

  always_ff @(posedge clk) begin
    if (rst) busy <= 0;
    else if (space) busy <= (ctl_val & flush) | (in_val & in_rdy);
    if (space) held <= flush ? {1'b1, ctl_msg} : {1'b0, in_msg};
  end
endmodule
