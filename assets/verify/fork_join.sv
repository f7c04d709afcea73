// Row 8. Every group of GROUP values is forked: one path finds the largest of the group, the other one keeps the values
// in a FIFO until it is known; the join sends (largest - value) for each value. The FIFO must hold the whole group
// before the first result can leave: DEPTH = GROUP - 1 is one slot too shallow, and nothing moves any more.
module value_fifo #(
  parameter int W = 2,
  parameter int DEPTH = 4
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in_valid,
  output logic         in_ready,
  input  logic [W-1:0] in_data,
  output logic         out_valid,
  input  logic         out_ready,
  output logic [W-1:0] out_data
);
  localparam int P = DEPTH > 1 ? $clog2(DEPTH) : 1;
  logic [W-1:0] slots [DEPTH];
  logic [P-1:0] head, tail;
  logic [P:0]   count;

  wire push = in_valid & in_ready;
  wire pop  = out_valid & out_ready;

  assign in_ready  = count != DEPTH;
  assign out_valid = count != 0;
  assign out_data  = slots[head];

  always_ff @(posedge clk) begin
    if (push) slots[tail] <= in_data;
    if (rst) begin
      head  <= 0;
      tail  <= 0;
      count <= 0;
    end else begin
      if (push) tail <= tail == DEPTH - 1 ? 0 : tail + 1;
      if (pop) head <= head == DEPTH - 1 ? 0 : head + 1;
      count <= count + push - pop;
    end
  end
endmodule

module group_maximum #(
  parameter int W = 2,
  parameter int GROUP = 4
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in_valid,
  output logic         in_ready,
  input  logic [W-1:0] in_data,
  output logic         out_valid,
  input  logic         out_ready,
  output logic [W-1:0] out_data
);
  logic [$clog2(GROUP)-1:0] count;
  logic [W-1:0]             largest;
  logic                     done;

  assign in_ready  = !done;
  assign out_valid = done;
  assign out_data  = largest;

  always_ff @(posedge clk) begin
    if (rst) begin
      count   <= 0;
      largest <= 0;
      done    <= 0;
    end else if (in_valid & in_ready) begin
      count   <= count == GROUP - 1 ? 0 : count + 1;
      done    <= count == GROUP - 1;
      largest <= in_data > largest ? in_data : largest;
    end else if (out_valid & out_ready) begin
      done    <= 0;
      largest <= 0;
    end
  end
endmodule

module fork_join #(
  parameter int W = 2,
  parameter int GROUP = 4,
  parameter int DEPTH = GROUP
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in_valid,
  output logic         in_ready,
  input  logic [W-1:0] in_data,
  output logic         out_valid,
  input  logic         out_ready,
  output logic [W-1:0] out_data
);
  logic fifo_ready, value_valid, value_ready, maximum_ready, maximum_valid, maximum_taken;
  logic [W-1:0] value, maximum;
  logic [$clog2(GROUP)-1:0] sent;

  // the fork: both paths take the value in the same cycle
  assign in_ready = fifo_ready & maximum_ready;

  value_fifo #(.W(W), .DEPTH(DEPTH)) values (
    .clk, .rst,
    .in_valid(in_valid & maximum_ready), .in_ready(fifo_ready), .in_data(in_data),
    .out_valid(value_valid), .out_ready(value_ready), .out_data(value)
  );
  group_maximum #(.W(W), .GROUP(GROUP)) largest (
    .clk, .rst,
    .in_valid(in_valid & fifo_ready), .in_ready(maximum_ready), .in_data(in_data),
    .out_valid(maximum_valid), .out_ready(maximum_taken), .out_data(maximum)
  );

  // the join: a value leaves when the largest of its group is known
  assign out_valid     = value_valid & maximum_valid;
  assign out_data      = maximum - value;
  assign value_ready   = out_ready & maximum_valid;
  assign maximum_taken = out_ready & value_valid & sent == GROUP - 1;

  always_ff @(posedge clk) begin
    if (rst) sent <= 0;
    else if (out_valid & out_ready) sent <= sent == GROUP - 1 ? 0 : sent + 1;
  end
endmodule
