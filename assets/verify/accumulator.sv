// Row 1. Adds four messages and sends the sum.
// BUG = 1: the result of the non-blocking pop is added without testing whether it succeeded.
module accumulator #(
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
  output logic [W+1:0] out_msg
);
  logic [1:0]   count;
  logic [W+1:0] sum;
  logic         full;

  wire pop = in_val & in_rdy;

  assign in_rdy  = !full;
  assign out_val = full;
  assign out_msg = sum;

  always_ff @(posedge clk) begin
    if (rst) begin
      count <= 0;
      sum   <= 0;
      full  <= 0;
    end else if (full) begin
      if (out_rdy) begin
        full <= 0;
        sum  <= 0;
      end
    end else begin
      if (pop || BUG) sum <= sum + in_msg;
      if (pop) begin
        count <= count + 1;
        full  <= count == 3;
      end
    end
  end
endmodule
