// AXI-stream multiplexer: two sources, chosen by a select input at the start of each packet, output registered.
`timescale 1ns / 1ps
`default_nettype none

module axis_mux #(
    parameter DATA_WIDTH = 8,
    parameter KEEP_WIDTH = ((DATA_WIDTH + 7) / 8),
    parameter USER_WIDTH = 1,
    parameter BUG = 0            // 1: the end of a packet is seen in tlast without tvalid
) (
    input  wire                  clk,
    input  wire                  rst,

    input  wire [DATA_WIDTH-1:0] s0_axis_tdata,
    input  wire [KEEP_WIDTH-1:0] s0_axis_tkeep,
    input  wire                  s0_axis_tvalid,
    output wire                  s0_axis_tready,
    input  wire                  s0_axis_tlast,
    input  wire [USER_WIDTH-1:0] s0_axis_tuser,

    input  wire [DATA_WIDTH-1:0] s1_axis_tdata,
    input  wire [KEEP_WIDTH-1:0] s1_axis_tkeep,
    input  wire                  s1_axis_tvalid,
    output wire                  s1_axis_tready,
    input  wire                  s1_axis_tlast,
    input  wire [USER_WIDTH-1:0] s1_axis_tuser,

    output wire [DATA_WIDTH-1:0] m_axis_tdata,
    output wire [KEEP_WIDTH-1:0] m_axis_tkeep,
    output wire                  m_axis_tvalid,
    input  wire                  m_axis_tready,
    output wire                  m_axis_tlast,
    output wire [USER_WIDTH-1:0] m_axis_tuser
);

localparam WIDTH = DATA_WIDTH + KEEP_WIDTH + 1 + USER_WIDTH;

reg frame_reg;                    // a packet is open
reg source_reg;                   // its source
reg valid_reg;
reg [WIDTH-1:0] word_reg;

wire source = frame_reg ? source_reg : !s0_axis_tvalid;
wire space = !valid_reg || m_axis_tready;
wire [WIDTH-1:0] word0 = {s0_axis_tuser, s0_axis_tlast, s0_axis_tkeep, s0_axis_tdata};
wire [WIDTH-1:0] word1 = {s1_axis_tuser, s1_axis_tlast, s1_axis_tkeep, s1_axis_tdata};
wire valid = source ? s1_axis_tvalid : s0_axis_tvalid;
wire last = source ? s1_axis_tlast : s0_axis_tlast;

assign s0_axis_tready = space && !source;
assign s1_axis_tready = space && source;
assign m_axis_tvalid = valid_reg;
assign {m_axis_tuser, m_axis_tlast, m_axis_tkeep, m_axis_tdata} = word_reg;

always @(posedge clk) begin
    if (space) begin
        valid_reg <= valid;
        word_reg <= source ? word1 : word0;
        if (valid) begin
            source_reg <= source;
            frame_reg <= !last;
        end else if (BUG && last) begin
            frame_reg <= 1'b0;
        end
    end
    if (rst) begin
        frame_reg <= 1'b0;
        source_reg <= 1'b0;
        valid_reg <= 1'b0;
    end
end

endmodule

`default_nettype wire
