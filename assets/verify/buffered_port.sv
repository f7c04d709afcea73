// Row 10. A loop with a buffered output port: each turn may pop a message into the two-entry buffer, and transfers
// from the buffer to the port. BUG = 1: the branch taken when the buffer is full forgets the transfer.
module buffered_port #(
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
  logic [1:0]   count;
  logic [W-1:0] first, second;

  wire full     = count == 2;
  wire transfer = BUG ? !full : 1'b1;
  wire push     = in_val & in_rdy;
  wire pop      = out_val & out_rdy;

  assign in_rdy  = !full;
  assign out_val = transfer & count != 0;
  assign out_msg = first;

  always_ff @(posedge clk) begin
    if (rst) count <= 0;
    else count <= count + push - pop;
    if (pop) first <= second;
    if (push & count - pop == 0) first <= in_msg;
    if (push & count - pop == 1) second <= in_msg;
  end
endmodule
