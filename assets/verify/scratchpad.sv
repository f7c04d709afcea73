// Row 3. A scratchpad with a write channel {address, data} and a read channel {address} that answers one cycle later.
// BUG = 1: the write enable of the memory is not gated by the valid bit of the write channel.
module scratchpad #(
  parameter int A = 2,
  parameter int W = 2,
  parameter bit BUG = 0
) (
  input  logic           clk,
  input  logic           rst,
  input  logic           write_val,
  output logic           write_rdy,
  input  logic [A+W-1:0] write_msg,
  input  logic           read_val,
  output logic           read_rdy,
  input  logic [A-1:0]   read_msg,
  output logic           data_val,
  input  logic           data_rdy,
  output logic [W-1:0]   data_msg
);
  logic [W-1:0] memory [2**A];
  logic         answered;
  logic [W-1:0] answer;

  assign write_rdy = 1;
  assign read_rdy  = !answered | data_rdy;
  assign data_val  = answered;
  assign data_msg  = answer;

  always_ff @(posedge clk) begin
    if (write_val || BUG) memory[write_msg[A+W-1:W]] <= write_msg[W-1:0];
    if (read_val & read_rdy) answer <= memory[read_msg];
  end

  always_ff @(posedge clk) begin
    if (rst) answered <= 0;
    else if (read_rdy) answered <= read_val;
  end
endmodule
