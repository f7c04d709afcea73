// AXI-stream FIFO with an asynchronous, active-low reset and pointers with a wrap bit; depth a power of two.
`timescale 1ns / 1ps
`default_nettype none

module axis_fifo_async_reset #(
    parameter ADDR_WIDTH = 2,
    parameter DATA_WIDTH = 8,
    parameter USER_WIDTH = 1,
    parameter BUG = 0            // 1: full compares the address bits only, so the FIFO looks full when it is empty
) (
    input  wire                    aclk,
    input  wire                    aresetn,

    input  wire [DATA_WIDTH-1:0]   s_axis_tdata,
    input  wire [DATA_WIDTH/8-1:0] s_axis_tkeep,
    input  wire                    s_axis_tlast,
    input  wire [USER_WIDTH-1:0]   s_axis_tuser,
    input  wire                    s_axis_tvalid,
    output wire                    s_axis_tready,

    output wire [DATA_WIDTH-1:0]   m_axis_tdata,
    output wire [DATA_WIDTH/8-1:0] m_axis_tkeep,
    output wire                    m_axis_tlast,
    output wire [USER_WIDTH-1:0]   m_axis_tuser,
    output wire                    m_axis_tvalid,
    input  wire                    m_axis_tready
);

localparam KEEP_WIDTH = DATA_WIDTH / 8;
localparam WIDTH = DATA_WIDTH + KEEP_WIDTH + 1 + USER_WIDTH;

reg [ADDR_WIDTH:0] wr_ptr_reg;
reg [ADDR_WIDTH:0] rd_ptr_reg;
reg [WIDTH-1:0] mem [(2**ADDR_WIDTH)-1:0];
reg [WIDTH-1:0] mem_read_data_reg;
reg m_axis_tvalid_reg;

wire same_address = wr_ptr_reg[ADDR_WIDTH-1:0] == rd_ptr_reg[ADDR_WIDTH-1:0];
wire full = same_address && (BUG || wr_ptr_reg[ADDR_WIDTH] != rd_ptr_reg[ADDR_WIDTH]);
wire empty = wr_ptr_reg == rd_ptr_reg;
wire write = s_axis_tvalid && s_axis_tready;
wire read = !empty && (m_axis_tready || !m_axis_tvalid_reg);

assign s_axis_tready = !full;
assign m_axis_tvalid = m_axis_tvalid_reg;
assign {m_axis_tuser, m_axis_tlast, m_axis_tkeep, m_axis_tdata} = mem_read_data_reg;

always @(posedge aclk) begin
    if (write)
        mem[wr_ptr_reg[ADDR_WIDTH-1:0]] <= {s_axis_tuser, s_axis_tlast, s_axis_tkeep, s_axis_tdata};
    if (read)
        mem_read_data_reg <= mem[rd_ptr_reg[ADDR_WIDTH-1:0]];
end

always @(posedge aclk or negedge aresetn) begin
    if (!aresetn) begin
        wr_ptr_reg <= {ADDR_WIDTH+1{1'b0}};
        rd_ptr_reg <= {ADDR_WIDTH+1{1'b0}};
        m_axis_tvalid_reg <= 1'b0;
    end else begin
        if (write) wr_ptr_reg <= wr_ptr_reg + 1'b1;
        if (read) rd_ptr_reg <= rd_ptr_reg + 1'b1;
        if (m_axis_tready || !m_axis_tvalid_reg) m_axis_tvalid_reg <= !empty;
    end
end

endmodule

`default_nettype wire
