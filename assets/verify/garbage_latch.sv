// Row 6. A pipeline register that captures its message in every cycle it may, valid or not: harmless, because nobody
// looks at it unless `busy` is set. CAPTURE_ALWAYS = 0 is the tidy version; both must pass.
module garbage_latch #(
  parameter int W = 4,
  parameter bit CAPTURE_ALWAYS = 1
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
  logic         busy;
  logic [W-1:0] held;

  assign in_rdy  = !busy | out_rdy;
  assign out_val = busy;
  assign out_msg = held;

  always_ff @(posedge clk) begin
    if (rst) busy <= 0;
    else if (in_rdy) busy <= in_val;
    if (in_rdy & (in_val || CAPTURE_ALWAYS)) held <= in_msg;
  end
endmodule
