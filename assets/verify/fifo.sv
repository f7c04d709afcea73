// A synchronous FIFO of any depth, first word falls through.
// BUG = 1: full one word too late (a word is overwritten). BUG = 2: the write pointer wraps one slot too early.
// BUG = 3: a word that is pushed while the FIFO is being emptied is not counted (lost).
// BUG = 4: `full` is remembered and cleared only by a pop without a push (deadlock once it is missed).
module fifo #(
  parameter int DEPTH = 4,
  parameter int W = 8,
  parameter int BUG = 0
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
  localparam int C = $clog2(DEPTH + 2);
  localparam int LAST = BUG == 2 && DEPTH > 1 ? DEPTH - 2 : DEPTH - 1;
  logic [W-1:0] slots [DEPTH];
  logic [P-1:0] head, tail;
  logic [C-1:0] count;
  logic         blocked;

  wire push = in_valid & in_ready;
  wire pop  = out_valid & out_ready;

  assign in_ready  = BUG == 4 ? !blocked : count != DEPTH + (BUG == 1);
  assign out_valid = count != 0;
  assign out_data  = slots[head];

  always_ff @(posedge clk) if (push) slots[tail] <= in_data;

  always_ff @(posedge clk) begin
    if (rst) begin
      head    <= 0;
      tail    <= 0;
      count   <= 0;
      blocked <= 0;
    end else begin
      if (push) tail <= tail == LAST ? 0 : tail + 1;
      if (pop) head <= head == DEPTH - 1 ? 0 : head + 1;
      if (BUG == 3 && count == 1 && pop) count <= 0;
      else count <= count + push - pop;
      if (push & !pop & count == DEPTH - 1) blocked <= 1;
      else if (pop & count == DEPTH & !in_valid) blocked <= 0;
    end
  end
endmodule
