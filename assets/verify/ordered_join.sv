// Row 7. A splitter sends the two halves of a message through two capacity-0 channels; a joiner puts them together.
// The joiner pops A, then B. BUG = 1: the splitter pushes B, then A.
module splitter #(
  parameter int W = 2,
  parameter bit BUG = 0
) (
  input  logic           clk,
  input  logic           rst,
  input  logic           in_val,
  output logic           in_rdy,
  input  logic [2*W-1:0] in_msg,
  output logic           a_val,
  input  logic           a_rdy,
  output logic [W-1:0]   a_msg,
  output logic           b_val,
  input  logic           b_rdy,
  output logic [W-1:0]   b_msg
);
  // 0: waiting for a message, 1: pushing the first half, 2: pushing the second half
  logic [1:0]     state;
  logic [2*W-1:0] held;

  assign in_rdy = state == 0;
  assign a_val  = state == (BUG ? 2 : 1);
  assign b_val  = state == (BUG ? 1 : 2);
  assign a_msg  = held[W-1:0];
  assign b_msg  = held[2*W-1:W];

  always_ff @(posedge clk) begin
    if (rst) state <= 0;
    else case (state)
      0: if (in_val) state <= 1;
      1: if (BUG ? b_rdy : a_rdy) state <= 2;
      default: if (BUG ? a_rdy : b_rdy) state <= 0;
    endcase
    if (in_val & in_rdy) held <= in_msg;
  end
endmodule

module joiner #(
  parameter int W = 2
) (
  input  logic           clk,
  input  logic           rst,
  input  logic           a_val,
  output logic           a_rdy,
  input  logic [W-1:0]   a_msg,
  input  logic           b_val,
  output logic           b_rdy,
  input  logic [W-1:0]   b_msg,
  output logic           out_val,
  input  logic           out_rdy,
  output logic [2*W-1:0] out_msg
);
  // 0: popping A, 1: popping B, 2: pushing the result
  logic [1:0]     state;
  logic [2*W-1:0] held;

  assign a_rdy   = state == 0;
  assign b_rdy   = state == 1;
  assign out_val = state == 2;
  assign out_msg = held;

  always_ff @(posedge clk) begin
    if (rst) state <= 0;
    else case (state)
      0: if (a_val) state <= 1;
      1: if (b_val) state <= 2;
      default: if (out_rdy) state <= 0;
    endcase
    if (a_val & a_rdy) held[W-1:0] <= a_msg;
    if (b_val & b_rdy) held[2*W-1:W] <= b_msg;
  end
endmodule

module ordered_join #(
  parameter int W = 2,
  parameter bit BUG = 0
) (
  input  logic           clk,
  input  logic           rst,
  input  logic           in_val,
  output logic           in_rdy,
  input  logic [2*W-1:0] in_msg,
  output logic           out_val,
  input  logic           out_rdy,
  output logic [2*W-1:0] out_msg
);
  logic a_val, a_rdy, b_val, b_rdy;
  logic [W-1:0] a_msg, b_msg;

  splitter #(.W(W), .BUG(BUG)) split (.*);
  joiner #(.W(W)) join_halves (.*);
endmodule
