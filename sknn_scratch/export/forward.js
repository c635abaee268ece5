// -- the forward pass: A[0] = X, then A[l] = g[l](W[l] A[l-1] + b[l]); A[L] stays Z[L] --

// Room for A[0..L] of m points: n[l] rows of m numbers, one after the other.
const room = (n, m) => n.map((units) => new Float64Array(units * m));

function forward(n, g, { W, b }, A, m) {
  const L = n.length - 1;
  for (let l = 1; l <= L; l++) {
    const X = A[l - 1], Z = A[l], w = W[l], width = n[l - 1];
    for (let i = 0; i < n[l]; i++) {
      const z = Z.subarray(i * m, (i + 1) * m).fill(b[l][i]);
      for (let j = 0; j < width; j++) {
        const weight = w[i * width + j], start = j * m;
        for (let k = 0; k < m; k++) z[k] += weight * X[start + k];
      }
      if (l < L) for (let k = 0; k < m; k++) z[k] = g[l](z[k]);
    }
  }
}

// The outputs, rows of m numbers like Z[L]: each unit's by functions of its z, or
// (no functions) a softmax over the units.
function outputs(functions, units, Z, m, P) {
  if (functions) {
    functions.forEach((of, f) => {
      for (let i = 0; i < units; i++) {
        const row = (i * functions.length + f) * m;
        for (let k = 0; k < m; k++) P[row + k] = of(Z[i * m + k]);
      }
    });
    return;
  }
  for (let k = 0; k < m; k++) {
    let top = -Infinity, total = 0;
    for (let c = 0; c < units; c++) top = Math.max(top, Z[c * m + k]);
    for (let c = 0; c < units; c++) total += P[c * m + k] = Math.exp(Z[c * m + k] - top);
    for (let c = 0; c < units; c++) P[c * m + k] = Math.max(P[c * m + k] / total, TINY);
  }
}

// The numbers of point k in rows of m numbers.
const pointOf = (rows, m, k) =>
  Array.from({ length: rows.length / m }, (_, i) => rows[i * m + k]);
