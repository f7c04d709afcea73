// Row 2, second form. A 2 x 2 crossbar whose outputs keep a grant until the granted message has left.
// BUG = 1: requests are not masked by valid, so garbage takes a grant: both outputs can be locked to the wrong input.
module crossbar_locked #(
  parameter int W = 2,
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
  wire [1:0] valid = {in1_val, in0_val};
  wire [1:0] dest  = {in1_msg[W], in0_msg[W]};
  wire [1:0] mask  = BUG ? 2'b11 : valid;

  logic [1:0] served [2]; // one-hot: the input that output o serves in this cycle
  logic [1:0] locked [2]; // one-hot: the input that output o is kept for

  for (genvar o = 0; o < 2; o++) begin : outputs
    wire [1:0] request = mask & (o == 1 ? dest : ~dest);
    // a lock holds while its request stands; a request that was withdrawn frees the output
    wire [1:0] kept = BUG ? locked[o] : locked[o] & request;
    wire [1:0] fresh = request[0] ? 2'b01 : request & 2'b10;
    assign served[o] = kept != 0 ? kept : fresh;
    wire sending = |(served[o] & valid & (o == 1 ? dest : ~dest));
    wire leaving = sending & (o == 1 ? out1_rdy : out0_rdy);
    always_ff @(posedge clk) begin
      if (rst || leaving) locked[o] <= 0;
      else locked[o] <= served[o];
    end
  end

  assign out0_val = outputs[0].sending;
  assign out1_val = outputs[1].sending;
  assign out0_msg = served[0][1] ? in1_msg[W-1:0] : in0_msg[W-1:0];
  assign out1_msg = served[1][1] ? in1_msg[W-1:0] : in0_msg[W-1:0];
  assign in0_rdy  = dest[0] ? served[1][0] & out1_rdy : served[0][0] & out0_rdy;
  assign in1_rdy  = dest[1] ? served[1][1] & out1_rdy : served[0][1] & out0_rdy;
endmodule
