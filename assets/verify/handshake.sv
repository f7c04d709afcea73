// Row 12. Two one-entry stages joined by a registered handshake.
// BUG = 1: the receiver raises ready only after it saw valid, and the sender raises valid only after it saw ready.
module handshake #(
  parameter int W = 4,
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
  logic         have, taken;      // the sender holds a message, the receiver holds one
  logic [W-1:0] sent, received;
  logic         valid_q, ready_q;

  wire valid = BUG ? have & valid_q : have;
  wire ready = !taken & ready_q;
  wire move  = valid & ready;

  assign in_rdy  = !have;
  assign out_val = taken;
  assign out_msg = received;

  always_ff @(posedge clk) begin
    if (rst) begin
      have    <= 0;
      taken   <= 0;
      valid_q <= 0;
      ready_q <= 0;
    end else begin
      have    <= move ? 0 : have | in_val;
      taken   <= taken ? !out_rdy : move;
      valid_q <= have & ready & !move;
      ready_q <= valid & !taken & !move;
    end
    if (in_val & in_rdy) sent <= in_msg;
    if (move) received <= sent;
  end
endmodule
