// A pipeline of STAGES skid buffers: registered valid, payload and ready, full throughput.
// BUG = 1 (in stage BUG_STAGE): ready stays up while the spare register is in use: a word is overwritten (lost).
// BUG = 2: a word may arrive while the spare one leaves, and overtakes it (reordered).
// BUG = 3: the spare register is not marked empty when its word leaves while the source offers another (duplicated).
// BUG = 4: the stage wedges when a stall ends while the source offers a word (deadlock).
// BUG = 5: a word on the wires that is not valid is called valid when its lowest bit is set (influence of garbage).
module skid_buffer #(
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
  logic         busy, waiting;      // output register in use; spare register in use
  logic [W-1:0] word, spare;
  logic         wedged;

  wire take = in_valid & in_ready;
  wire free = !busy | out_ready;

  assign in_ready  = BUG == 1 ? !waiting | in_valid : BUG == 2 ? !waiting | free : !waiting;
  assign out_valid = busy & !wedged;
  assign out_data  = word;

  always_ff @(posedge clk) begin
    if (rst) begin
      busy    <= 0;
      waiting <= 0;
      wedged  <= 0;
    end else begin
      if (free & !wedged) begin
        busy    <= waiting | take | (BUG == 5 & in_data[0] & !in_valid);
        waiting <= (BUG == 2 & waiting & take) | (BUG == 3 & waiting & in_valid);
      end else if (take) waiting <= 1;
      if (BUG == 4 & waiting & busy & out_ready & in_valid) wedged <= 1;
    end
    if (free) word <= waiting & !(BUG == 2 & take) ? spare : in_data;
    if (take & !(BUG == 2 & waiting)) spare <= in_data;
  end
endmodule

module skid_pipeline #(
  parameter int STAGES = 2,
  parameter int W = 8,
  parameter int BUG = 0,
  parameter int BUG_STAGE = STAGES / 2
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
  logic         valid [STAGES+1];
  logic         ready [STAGES+1];
  logic [W-1:0] data  [STAGES+1];

  assign valid[0]      = in_valid;
  assign data[0]       = in_data;
  assign in_ready      = ready[0];
  assign out_valid     = valid[STAGES];
  assign out_data      = data[STAGES];
  assign ready[STAGES] = out_ready;

  for (genvar i = 0; i < STAGES; i++) begin : stages
    skid_buffer #(.W(W), .BUG(i == BUG_STAGE ? BUG : 0)) stage (
      .clk, .rst,
      .in_valid(valid[i]), .in_ready(ready[i]), .in_data(data[i]),
      .out_valid(valid[i+1]), .out_ready(ready[i+1]), .out_data(data[i+1])
    );
  end
endmodule
