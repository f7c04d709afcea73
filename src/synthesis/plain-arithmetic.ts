// Adders as chains of full adders and multipliers as rows of them: how arithmetic is mapped for proofs. Two descriptions of one
// unit then have the same sums inside wherever they add in the same order. Refuses to be fast or small.

/** Verilog for Yosys `techmap`, to be given before its own map. */
export const plainArithmetic = `
(* techmap_celltype = "$lcu" *)
module _10_plain_lcu (P, G, CI, CO);
  parameter WIDTH = 2;
  (* force_downto *) input [WIDTH-1:0] P, G;
  input CI;
  (* force_downto *) output [WIDTH-1:0] CO;
  wire [WIDTH:0] carry;
  assign carry[0] = CI;
  genvar i;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : place
      assign carry[i+1] = G[i] | (P[i] & carry[i]);
    end
  endgenerate
  assign CO = carry[WIDTH:1];
endmodule

// the product modulo 2^Y_WIDTH: row after row of A, as far as B has bits of its own
(* techmap_celltype = "$mul" *)
module _10_plain_mul (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  (* force_downto *) input [A_WIDTH-1:0] A;
  (* force_downto *) input [B_WIDTH-1:0] B;
  (* force_downto *) output [Y_WIDTH-1:0] Y;
  (* force_downto *) wire [Y_WIDTH-1:0] whole;
  \\$pos #(.A_SIGNED(A_SIGNED), .A_WIDTH(A_WIDTH), .Y_WIDTH(Y_WIDTH)) extend (.A(A), .Y(whole));
  localparam ROWS = B_WIDTH < Y_WIDTH ? B_WIDTH : Y_WIDTH;
  wire [(ROWS+1)*Y_WIDTH-1:0] sum;
  assign sum[Y_WIDTH-1:0] = {Y_WIDTH{1'b0}};
  genvar i;
  generate
    for (i = 0; i < ROWS; i = i + 1) begin : row
      wire [Y_WIDTH-1:0] term = (whole << i) & {Y_WIDTH{B[i]}};
      // the sign bit of B counts negative, unless it is cut off
      if (A_SIGNED && B_SIGNED && i == B_WIDTH - 1 && B_WIDTH < Y_WIDTH)
        assign sum[(i+2)*Y_WIDTH-1 -: Y_WIDTH] = sum[(i+1)*Y_WIDTH-1 -: Y_WIDTH] - term;
      else
        assign sum[(i+2)*Y_WIDTH-1 -: Y_WIDTH] = sum[(i+1)*Y_WIDTH-1 -: Y_WIDTH] + term;
    end
  endgenerate
  assign Y = sum[(ROWS+1)*Y_WIDTH-1 -: Y_WIDTH];
endmodule
`;
