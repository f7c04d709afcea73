// Row 9. A client sends the requests it is given to a server and hands on the responses; one request is outstanding.
// BUG = 1: the server combines requests in pairs, so the first response needs a second request.
module client #(
  parameter int W = 2
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in_val,
  output logic         in_rdy,
  input  logic [W-1:0] in_msg,
  output logic         request_val,
  input  logic         request_rdy,
  output logic [W-1:0] request_msg,
  input  logic         response_val,
  output logic         response_rdy,
  input  logic [W-1:0] response_msg,
  output logic         out_val,
  input  logic         out_rdy,
  output logic [W-1:0] out_msg
);
  logic waiting;

  assign in_rdy       = !waiting & request_rdy;
  assign request_val  = !waiting & in_val;
  assign request_msg  = in_msg;
  assign out_val      = waiting & response_val;
  assign out_msg      = response_msg;
  assign response_rdy = waiting & out_rdy;

  always_ff @(posedge clk) begin
    if (rst) waiting <= 0;
    else if (request_val & request_rdy) waiting <= 1;
    else if (response_val & response_rdy) waiting <= 0;
  end
endmodule

module server #(
  parameter int W = 2,
  parameter bit PAIRS = 0
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         request_val,
  output logic         request_rdy,
  input  logic [W-1:0] request_msg,
  output logic         response_val,
  input  logic         response_rdy,
  output logic [W-1:0] response_msg
);
  logic         half, full;
  logic [W-1:0] held;

  assign request_rdy  = !full;
  assign response_val = full;
  assign response_msg = held;

  always_ff @(posedge clk) begin
    if (rst) begin
      half <= 0;
      full <= 0;
    end else if (request_val & request_rdy) begin
      half <= PAIRS & !half;
      full <= !PAIRS | half;
    end else if (response_rdy) full <= 0;
    if (request_val & request_rdy) held <= half ? held + request_msg : request_msg;
  end
endmodule

module request_response #(
  parameter int W = 2,
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
  logic request_val, request_rdy, response_val, response_rdy;
  logic [W-1:0] request_msg, response_msg;

  client #(.W(W)) asking (.*);
  server #(.W(W), .PAIRS(BUG)) answering (.*);
endmodule
