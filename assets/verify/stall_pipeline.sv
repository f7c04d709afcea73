// Row 13. A two-stage pipeline. BUG = 1: "stall mode", the stages move only when a new input arrives, so a finished
// result is held hostage by the next input; alone, with inputs always offered, it makes progress.
module stall_pipeline #(
  parameter int W = 3,
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
  logic         busy1, busy2;
  logic [W-1:0] stage1, stage2;

  wire open = !busy2 | out_rdy;               // the last stage can take or give
  wire move = open & (BUG ? in_val : 1'b1);

  assign in_rdy  = open;
  assign out_val = busy2 & (BUG ? in_val : 1'b1);
  assign out_msg = stage2;

  always_ff @(posedge clk) begin
    if (rst) begin
      busy1 <= 0;
      busy2 <= 0;
    end else if (move) begin
      busy1 <= in_val;
      busy2 <= busy1;
    end
    if (move) begin
      stage1 <= in_msg;
      stage2 <= stage1 + 1;
    end
  end
endmodule

// The pipeline in a loop: the next operand is sent only when the last result has come back.
module stall_loop #(
  parameter int W = 3,
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
  logic waiting, pipe_rdy, result_val;

  wire pipe_val = in_val & !waiting;

  stall_pipeline #(.W(W), .BUG(BUG)) pipe (
    .clk, .rst,
    .in_val(pipe_val), .in_rdy(pipe_rdy), .in_msg(in_msg),
    .out_val(result_val), .out_rdy(out_rdy), .out_msg(out_msg)
  );

  assign in_rdy  = pipe_rdy & !waiting;
  assign out_val = result_val;

  always_ff @(posedge clk) begin
    if (rst) waiting <= 0;
    else if (pipe_val & pipe_rdy) waiting <= 1;
    else if (result_val & out_rdy) waiting <= 0;
  end
endmodule
