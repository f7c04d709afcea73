// Row 5. A stage whose operation (pass or invert) is set through a configuration channel.
// BUG = 1: the mode is sampled from the configuration port in every cycle.
module mode_register #(
  parameter int W = 4,
  parameter bit BUG = 0
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         cfg_val,
  output logic         cfg_rdy,
  input  logic         cfg_msg,
  input  logic         in_val,
  output logic         in_rdy,
  input  logic [W-1:0] in_msg,
  output logic         out_val,
  input  logic         out_rdy,
  output logic [W-1:0] out_msg
);
  logic         invert;
  logic         busy;
  logic [W-1:0] held;

  assign cfg_rdy = 1;
  assign in_rdy  = !busy | out_rdy;
  assign out_val = busy;
  assign out_msg = held;

  always_ff @(posedge clk) begin
    if (rst) begin
      invert <= 0;
      busy   <= 0;
    end else begin
      if (cfg_val || BUG) invert <= cfg_msg;
      if (in_rdy) busy <= in_val;
    end
    if (in_val & in_rdy) held <= invert ? ~in_msg : in_msg;
  end
endmodule
