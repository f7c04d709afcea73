// A link with credits: the sender spends a credit a word, the receiver keeps words in a FIFO of SLOTS and gives a credit
// back for each word that leaves; two pipeline registers lie on the way there, one on the way back.
// BUG = 1: a credit that returns while a word waits for one is lost (deadlock after SLOTS such cycles).
// BUG = 2: the sender starts with one credit too many (a word overwrites another).
module credit_sender #(
  parameter int W = 4,
  parameter int SLOTS = 3,
  parameter int BUG = 0
) (
  input  logic         clk,
  input  logic         rst,
  input  logic         in_valid,
  output logic         in_ready,
  input  logic [W-1:0] in_data,
  output logic         word_sent,
  output logic [W-1:0] word,
  input  logic         credit_back
);
  localparam int C = $clog2(SLOTS + 2);
  logic [C-1:0] credits;

  assign in_ready  = credits != 0;
  assign word_sent = in_valid & in_ready;
  assign word      = in_data;

  always_ff @(posedge clk) begin
    if (rst) credits <= SLOTS + (BUG == 2);
    else if (BUG == 1 & in_valid & !in_ready) credits <= credits;
    else credits <= credits - word_sent + credit_back;
  end
endmodule

module credit_link #(
  parameter int W = 4,
  parameter int SLOTS = 3,
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
  localparam int P = SLOTS > 1 ? $clog2(SLOTS) : 1;
  localparam int C = $clog2(SLOTS + 2);
  logic         sent, sent1, sent2, back;
  logic [W-1:0] word, word1, word2;
  logic [W-1:0] slots [SLOTS];
  logic [P-1:0] head, tail;
  logic [C-1:0] count;

  credit_sender #(.W(W), .SLOTS(SLOTS), .BUG(BUG)) sender (
    .clk, .rst, .in_valid, .in_ready, .in_data,
    .word_sent(sent), .word(word), .credit_back(back)
  );

  wire pop = out_valid & out_ready;
  assign out_valid = count != 0;
  assign out_data  = slots[head];

  always_ff @(posedge clk) begin
    word1 <= word;
    word2 <= word1;
    if (sent2) slots[tail] <= word2;
    if (rst) begin
      sent1 <= 0;
      sent2 <= 0;
      back  <= 0;
      head  <= 0;
      tail  <= 0;
      count <= 0;
    end else begin
      sent1 <= sent;
      sent2 <= sent1;
      back  <= pop;
      if (sent2) tail <= tail == SLOTS - 1 ? 0 : tail + 1;
      if (pop) head <= head == SLOTS - 1 ? 0 : head + 1;
      count <= count + sent2 - pop;
    end
  end
endmodule
