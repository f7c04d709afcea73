// AXI-stream width adapter: UP = 1 packs two words into one (a short packet ends with tkeep half set),
// UP = 0 sends the halves of a wide word one after the other (a half without tkeep is left out).
`timescale 1ns / 1ps
`default_nettype none

module axis_adapter_up #(
    parameter S_WIDTH = 8,
    parameter BUG = 0            // 1: the first half is stored whether or not tvalid is set, and counted by tlast alone
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [S_WIDTH-1:0]      s_axis_tdata,
    input  wire                    s_axis_tlast,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,
    output wire [2*S_WIDTH-1:0]    m_axis_tdata,
    output wire [1:0]              m_axis_tkeep,
    output wire                    m_axis_tlast,
    output wire                    m_axis_tvalid,
    input  wire                    m_axis_tready
);

reg half_reg;                     // the low half is there
reg valid_reg;
reg last_reg;
reg [1:0] keep_reg;
reg [2*S_WIDTH-1:0] data_reg;

wire space = !valid_reg || m_axis_tready;
wire take = s_axis_tvalid && space;

assign s_axis_tready = space;
assign m_axis_tvalid = valid_reg;
assign m_axis_tdata = data_reg;
assign m_axis_tkeep = keep_reg;
assign m_axis_tlast = last_reg;

always @(posedge clk) begin
    if (space) valid_reg <= take && (half_reg || s_axis_tlast);
    if (take) begin
        half_reg <= !half_reg && !s_axis_tlast;
        last_reg <= s_axis_tlast;
        keep_reg <= half_reg ? 2'b11 : 2'b01;
        if (half_reg) data_reg[2*S_WIDTH-1:S_WIDTH] <= s_axis_tdata;
        else data_reg <= {{S_WIDTH{1'b0}}, s_axis_tdata};
    end else if (BUG && space && s_axis_tlast) begin
        half_reg <= 1'b1;
        data_reg[S_WIDTH-1:0] <= s_axis_tdata;
    end
    if (rst) begin
        half_reg <= 1'b0;
        valid_reg <= 1'b0;
    end
end

endmodule

module axis_adapter_down #(
    parameter M_WIDTH = 8,
    parameter BUG = 0            // 1: waits for the second half to be kept before it takes the next word
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [2*M_WIDTH-1:0]    s_axis_tdata,
    input  wire [1:0]              s_axis_tkeep,
    input  wire                    s_axis_tlast,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,
    output wire [M_WIDTH-1:0]      m_axis_tdata,
    output wire                    m_axis_tlast,
    output wire                    m_axis_tvalid,
    input  wire                    m_axis_tready
);

reg [1:0] left_reg;               // halves that still have to leave
reg [2*M_WIDTH-1:0] data_reg;
reg last_reg;
reg wait_reg;

wire leave = m_axis_tvalid && m_axis_tready;
wire take = s_axis_tvalid && s_axis_tready;

assign s_axis_tready = left_reg == 2'b00 && !wait_reg;
assign m_axis_tvalid = left_reg != 2'b00;
assign m_axis_tdata = left_reg[0] ? data_reg[M_WIDTH-1:0] : data_reg[2*M_WIDTH-1:M_WIDTH];
assign m_axis_tlast = last_reg && !(left_reg[0] && left_reg[1]);

always @(posedge clk) begin
    if (take) begin
        left_reg <= s_axis_tkeep == 2'b00 ? 2'b01 : s_axis_tkeep;
        data_reg <= s_axis_tdata;
        last_reg <= s_axis_tlast;
        wait_reg <= BUG && !s_axis_tkeep[1];
    end else if (leave) begin
        left_reg <= left_reg[0] ? {left_reg[1], 1'b0} : 2'b00;
        if (!left_reg[0]) wait_reg <= 1'b0;
    end
    if (rst) begin
        left_reg <= 2'b00;
        wait_reg <= 1'b0;
    end
end

endmodule

`default_nettype wire
