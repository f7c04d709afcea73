// AXI-stream register slice in the style of the libraries found in the field: Verilog-2001, many parameters, side-band
// signals that may be switched off. REG_TYPE 0: wires, 1: one register (half throughput), 2: skid buffer.
`timescale 1ns / 1ps
`default_nettype none

module axis_register #(
    parameter DATA_WIDTH = 8,
    parameter KEEP_ENABLE = (DATA_WIDTH > 8),
    parameter KEEP_WIDTH = ((DATA_WIDTH + 7) / 8),
    parameter LAST_ENABLE = 1,
    parameter USER_ENABLE = 1,
    parameter USER_WIDTH = 1,
    parameter REG_TYPE = 2,
    parameter BUG = 0            // 1: tlast is taken from the input register while the skid word leaves
) (
    input  wire                   clk,
    input  wire                   rst,

    input  wire [DATA_WIDTH-1:0]  s_axis_tdata,
    input  wire [KEEP_WIDTH-1:0]  s_axis_tkeep,
    input  wire                   s_axis_tvalid,
    output wire                   s_axis_tready,
    input  wire                   s_axis_tlast,
    input  wire [USER_WIDTH-1:0]  s_axis_tuser,

    output wire [DATA_WIDTH-1:0]  m_axis_tdata,
    output wire [KEEP_WIDTH-1:0]  m_axis_tkeep,
    output wire                   m_axis_tvalid,
    input  wire                   m_axis_tready,
    output wire                   m_axis_tlast,
    output wire [USER_WIDTH-1:0]  m_axis_tuser
);

localparam WIDTH = DATA_WIDTH + KEEP_WIDTH + 1 + USER_WIDTH;

wire [WIDTH-1:0] s_word = {s_axis_tuser, s_axis_tlast, s_axis_tkeep, s_axis_tdata};

generate

if (REG_TYPE > 1) begin : skid

    reg s_ready_reg = 1'b0;
    reg m_valid_reg = 1'b0;
    reg temp_valid_reg = 1'b0;
    reg [WIDTH-1:0] m_word_reg = {WIDTH{1'b0}};
    reg [WIDTH-1:0] temp_word_reg = {WIDTH{1'b0}};

    reg m_valid_next, temp_valid_next;
    reg store_in, store_in_temp, store_temp;

    wire s_ready_early = m_axis_tready || (!temp_valid_reg && (!m_valid_reg || !s_axis_tvalid));

    always @* begin
        m_valid_next = m_valid_reg;
        temp_valid_next = temp_valid_reg;
        store_in = 1'b0;
        store_in_temp = 1'b0;
        store_temp = 1'b0;
        if (s_ready_reg) begin
            if (m_axis_tready || !m_valid_reg) begin
                m_valid_next = s_axis_tvalid;
                store_in = 1'b1;
            end else begin
                temp_valid_next = s_axis_tvalid;
                store_in_temp = 1'b1;
            end
        end else if (m_axis_tready) begin
            m_valid_next = temp_valid_reg;
            temp_valid_next = 1'b0;
            store_temp = 1'b1;
        end
    end

    always @(posedge clk) begin
        s_ready_reg <= s_ready_early;
        m_valid_reg <= m_valid_next;
        temp_valid_reg <= temp_valid_next;
        if (store_in) m_word_reg <= s_word;
        else if (store_temp) m_word_reg <= temp_word_reg;
        if (store_in_temp) temp_word_reg <= s_word;
        if (BUG && store_temp) m_word_reg[DATA_WIDTH+KEEP_WIDTH] <= s_axis_tlast;
        if (rst) begin
            s_ready_reg <= 1'b0;
            m_valid_reg <= 1'b0;
            temp_valid_reg <= 1'b0;
        end
    end

    assign s_axis_tready = s_ready_reg;
    assign m_axis_tvalid = m_valid_reg;
    assign m_axis_tdata = m_word_reg[DATA_WIDTH-1:0];
    assign m_axis_tkeep = KEEP_ENABLE ? m_word_reg[DATA_WIDTH +: KEEP_WIDTH] : {KEEP_WIDTH{1'b1}};
    assign m_axis_tlast = LAST_ENABLE ? m_word_reg[DATA_WIDTH+KEEP_WIDTH] : 1'b1;
    assign m_axis_tuser = USER_ENABLE ? m_word_reg[WIDTH-1 -: USER_WIDTH] : {USER_WIDTH{1'b0}};

end else if (REG_TYPE == 1) begin : simple

    reg m_valid_reg = 1'b0;
    reg [WIDTH-1:0] m_word_reg = {WIDTH{1'b0}};

    always @(posedge clk) begin
        if (!m_valid_reg) begin
            m_valid_reg <= s_axis_tvalid;
            m_word_reg <= s_word;
        end else if (m_axis_tready) begin
            m_valid_reg <= 1'b0;
        end
        if (rst) m_valid_reg <= 1'b0;
    end

    assign s_axis_tready = !m_valid_reg;
    assign m_axis_tvalid = m_valid_reg;
    assign m_axis_tdata = m_word_reg[DATA_WIDTH-1:0];
    assign m_axis_tkeep = KEEP_ENABLE ? m_word_reg[DATA_WIDTH +: KEEP_WIDTH] : {KEEP_WIDTH{1'b1}};
    assign m_axis_tlast = LAST_ENABLE ? m_word_reg[DATA_WIDTH+KEEP_WIDTH] : 1'b1;
    assign m_axis_tuser = USER_ENABLE ? m_word_reg[WIDTH-1 -: USER_WIDTH] : {USER_WIDTH{1'b0}};

end else begin : bypass

    assign s_axis_tready = m_axis_tready;
    assign m_axis_tvalid = s_axis_tvalid;
    assign m_axis_tdata = s_axis_tdata;
    assign m_axis_tkeep = KEEP_ENABLE ? s_axis_tkeep : {KEEP_WIDTH{1'b1}};
    assign m_axis_tlast = LAST_ENABLE ? s_axis_tlast : 1'b1;
    assign m_axis_tuser = USER_ENABLE ? s_axis_tuser : {USER_WIDTH{1'b0}};

end

endgenerate

endmodule

`default_nettype wire
