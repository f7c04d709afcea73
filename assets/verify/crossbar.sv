// Row 2. A 2 x 2 crossbar; the top bit of a message names its output. Round robin per output, no storage.
// BUG = 1: the request vector is made from the destination alone, not masked by valid.
module crossbar #(
  parameter int W = 4,
  parameter bit BUG = 0
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in0_val,
  output logic         in0_rdy,
  input  logic [W:0]   in0_msg,
  input  logic         in1_val,
  output logic         in1_rdy,
  input  logic [W:0]   in1_msg,
  output logic         out0_val,
  input  logic         out0_rdy,
  output logic [W-1:0] out0_msg,
  output logic         out1_val,
  input  logic         out1_rdy,
  output logic [W-1:0] out1_msg
);
  wire dest0 = in0_msg[W];
  wire dest1 = in1_msg[W];
  wire mask0 = in0_val | BUG;
  wire mask1 = in1_val | BUG;

  // request of input i for output o, and which input the output serves
  wire req00 = mask0 & !dest0, req01 = mask0 & dest0;
  wire req10 = mask1 & !dest1, req11 = mask1 & dest1;
  logic first0, first1; // the input that has priority at output 0, 1
  wire take0 = first0 ? req10 : !req00; // output 0 serves input 1
  wire take1 = first1 ? req11 : !req01;

  assign out0_val = take0 ? req10 & in1_val : req00 & in0_val;
  assign out1_val = take1 ? req11 & in1_val : req01 & in0_val;
  assign out0_msg = take0 ? in1_msg[W-1:0] : in0_msg[W-1:0];
  assign out1_msg = take1 ? in1_msg[W-1:0] : in0_msg[W-1:0];
  assign in0_rdy  = (req00 & !take0 & out0_rdy) | (req01 & !take1 & out1_rdy);
  assign in1_rdy  = (req10 & take0 & out0_rdy) | (req11 & take1 & out1_rdy);

  always_ff @(posedge clk) begin
    if (rst) begin
      first0 <= 0;
      first1 <= 0;
    end else begin
      if (out0_val & out0_rdy) first0 <= !take0;
      if (out1_val & out1_rdy) first1 <= !take1;
    end
  end
endmodule
