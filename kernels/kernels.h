/* SPDX-License-Identifier: BSD-3-Clause
 *
 * kernels.h: the one face of the kernels. It holds the contract of every op, the kernel descriptor,
 * the dispatch value and the team. It knows nothing of layers, models, timing or files.
 *
 * Common to all ops
 *   Types      fp32 unless stated. Sizes and leading dimensions count elements, never bytes.
 *   Layouts    activations NHWC, convolution weights HWIO (kh, kw, ic, oc), dense weights in x out,
 *              matrices row-major.
 *   Alignment  none is required of operands; 64-byte alignment is faster. Workspaces are 64-byte aligned.
 *   Extents    nothing outside the stated extents is read or written; padding between a row's end and
 *              the next row (ld > columns) is neither read nor written.
 *   Aliasing   none, unless the op says otherwise.
 *   Threads    kernels start no threads. Every member of a team calls with the same arguments and does
 *              its share; the call may synchronise the team inside, and the caller synchronises before
 *              it reads the results. The bits of the result do not depend on the size of the team.
 *   Memory     kernels allocate nothing. An op with a `workspace` function gets that many bytes; those for a team do for
 *              smaller ones.
 *   Packed     args.packed, where there is one, says that the workspace is as an earlier call left it, by a team of any
 *              size, of the same kernel with the same weights on a shape that differs in mb alone: what that call made
 *              of its weights is there and is not made again.
 *   Errors     kernels have none: violating a contract is a bug of the caller and asserts.
 */
#ifndef LW_KERNELS_H
#define LW_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---------------------------------------------------------------- team */

/* The threads that execute one call together. `sync` waits for all members; NULL when size is 1. */
typedef struct lw_team {
    int id;   /* 0 .. size - 1 */
    int size; /* >= 1 */
    void (*sync)(void);
} lw_team;

extern const lw_team lw_team_solo; /* a team of one */

/* Half-open share [*lo, *hi) of n items for this member; boundaries fall on multiples of grain. */
void lw_team_share(const lw_team *team, ptrdiff_t n, ptrdiff_t grain, ptrdiff_t *lo, ptrdiff_t *hi);

static inline void lw_team_sync(const lw_team *team)
{
    if (team->size > 1) team->sync();
}

/* ---------------------------------------------------------------- sgemm */

/* C[M][N] = alpha * op(A)[M][K] * op(B)[K][N] + beta * C[M][N],  op(X) = X or its transpose.
 * Layout    A is M x K (trans_a: K x M) with row stride lda, B is K x N (trans_b: N x K) with ldb,
 *           C is M x N with ldc; all row-major, each ld >= the columns stored.
 * Sizes     M, N, K >= 0. M == 0 or N == 0 does nothing; K == 0 or alpha == 0 leaves C = beta * C
 *           and reads neither A nor B.
 * Writes    C only. beta == 0 does not read C (it may hold NaN).
 * Numerics  k in blocks, each in one chain or in a fixed number of interleaved ones;
 *           |err| <= 2*(K+3)*eps*(|alpha|*sum|a||b| + |beta||C|). NaN and infinity propagate.
 * Cost      2*M*N*K FLOP; 4*(M*K + K*N + M*N) bytes (twice M*N if beta != 0).
 * Source    Goto & van de Geijn, Anatomy of high-performance matrix multiplication (2008);
 *           Van Zee & van de Geijn, BLIS (2015). */
typedef struct lw_sgemm_args {
    bool trans_a, trans_b;
    ptrdiff_t M, N, K;
    float alpha;
    const float *A;
    ptrdiff_t lda;
    const float *B;
    ptrdiff_t ldb;
    float beta;
    float *C;
    ptrdiff_t ldc;
} lw_sgemm_args;

/* ---------------------------------------------------------------- conv2d */

/* Sizes: mb ic ih iw oc oh ow kh kw sh sw >= 1, ph pw >= 0 (top and left; the bottom and right padding
 * follow from oh and ow). Every output's window must meet the input: ph < kh, pw < kw,
 * (oh-1)*sh - ph < ih, (ow-1)*sw - pw < iw. */
typedef struct lw_conv2d_shape {
    int mb, ic, ih, iw, oc, oh, ow, kh, kw, sh, sw, ph, pw;
} lw_conv2d_shape;

/* dst[n][y][x][o] = act(bias[o] + sum_{r,s,i} src[n][y*sh-ph+r][x*sw-pw+s][i] * wei[r][s][i][o]),
 * positions outside src contribute nothing; act is the identity, or with `relu` x < 0 ? 0 : x (NaN stays).
 * Layout    src mb*ih*iw*ic, wei kh*kw*ic*oc, bias oc or NULL (zero), dst mb*oh*ow*oc; all dense.
 * Numerics  |err| <= 2*(K+3)*eps*(sum|src||wei| + |bias|), K = kh*kw*ic.
 * Cost      2*oc*ic FLOP per window position inside src; bytes: each tensor once. */
typedef struct lw_conv2d_fwd_args {
    lw_conv2d_shape shape;
    const float *src, *wei, *bias;
    float *dst;
    bool relu, packed;
} lw_conv2d_fwd_args;

/* diff_src[n][h][w][i] = sum over (y,r) with y*sh-ph+r == h, (x,s) with x*sw-pw+s == w, and o of
 *                        diff_dst[n][y][x][o] * wei[r][s][i][o].   diff_src is overwritten whole.
 * Numerics  |err| <= 2*(K+3)*eps*sum|diff_dst||wei|, K = kh*kw*oc.   Cost as forward. */
typedef struct lw_conv2d_bwd_data_args {
    lw_conv2d_shape shape;
    const float *diff_dst, *wei;
    float *diff_src;
} lw_conv2d_bwd_data_args;

/* diff_wei[r][s][i][o] = sum_{n,y,x} src[n][y*sh-ph+r][x*sw-pw+s][i] * diff_dst[n][y][x][o],
 * diff_bias[o] = sum_{n,y,x} diff_dst[n][y][x][o]  (NULL: not wanted).   Both are overwritten whole.
 * Numerics  |err| <= 2*(K+3)*eps*sum|src||diff_dst|, K = mb*oh*ow.   Cost as forward. */
typedef struct lw_conv2d_bwd_weights_args {
    lw_conv2d_shape shape;
    const float *src, *diff_dst;
    float *diff_wei, *diff_bias;
} lw_conv2d_bwd_weights_args;

/* ---------------------------------------------------------------- pooling */

/* Sizes as in conv2d with c channels; kh*kw <= 256; every window must meet the input. */
typedef struct lw_pool_shape {
    int mb, c, ih, iw, oh, ow, kh, kw, sh, sw, ph, pw;
} lw_pool_shape;

/* dst[n][y][x][c] = the maximum over the window's positions inside src, in row order;
 * argmax[n][y][x][c] = its position r*kw + s. The first of equals wins (-0 equals +0); the first NaN wins.
 * Layout    src mb*ih*iw*c, dst and argmax mb*oh*ow*c.   Numerics exact.
 * Cost      kh*kw - 1 comparisons per output (counted as FLOP); bytes: each tensor once. */
typedef struct lw_maxpool_fwd_args {
    lw_pool_shape shape;
    const float *src;
    float *dst;
    uint8_t *argmax;
} lw_maxpool_fwd_args;

/* diff_src[n][h][w][c] = sum of diff_dst[n][y][x][c] over the windows whose argmax is (h, w), y then x
 * ascending; 0 where there is none. diff_src is overwritten whole.
 * Numerics  exact for windows that do not overlap, else |err| <= 2*kh*kw*eps*sum|diff_dst|. */
typedef struct lw_maxpool_bwd_args {
    lw_pool_shape shape;
    const float *diff_dst;
    const uint8_t *argmax;
    float *diff_src;
} lw_maxpool_bwd_args;

/* dst[n][y][x][c] = the mean of the window's positions inside src, in row order: padding is not counted.
 * Layout    src mb*ih*iw*c, dst mb*oh*ow*c.   Numerics |err| <= 2*(n+3)*eps*sum|src|/n, n positions inside.
 * Cost      kh*kw FLOP per output: additions and one division; bytes: each tensor once.
 * Source    LeCun et al., Gradient-based learning applied to document recognition (1998); the mean without padding as
 *           Keras and oneDNN (pooling_avg_exclude_padding) have it. */
typedef struct lw_avgpool_fwd_args {
    lw_pool_shape shape;
    const float *src;
    float *dst;
} lw_avgpool_fwd_args;

/* diff_src[n][h][w][c] = sum of diff_dst[n][y][x][c] / (positions of that window inside src) over the windows that
 * cover (h, w), y then x ascending; 0 where there is none. diff_src is overwritten whole.
 * Layout    as forward.   Numerics |err| <= 2*(kh*kw+3)*eps*(the sum of the magnitudes).   Cost as forward. */
typedef struct lw_avgpool_bwd_args {
    lw_pool_shape shape;
    const float *diff_dst;
    float *diff_src;
} lw_avgpool_bwd_args;

/* dst[n][c] = (1/hw) * sum_p src[n][p][c].   Layout src mb*hw*c, dst mb*c.   Sizes all >= 1.
 * Numerics  |err| <= 2*(hw+3)*eps*sum|src|/hw. */
typedef struct lw_gavgpool_fwd_args {
    int mb, hw, c;
    const float *src;
    float *dst;
} lw_gavgpool_fwd_args;

/* diff_src[n][p][c] = diff_dst[n][c] / hw.   Numerics |err| <= 4*eps*|result|. */
typedef struct lw_gavgpool_bwd_args {
    int mb, hw, c;
    const float *diff_dst;
    float *diff_src;
} lw_gavgpool_bwd_args;

/* ---------------------------------------------------------------- convolution under a max-pool */

/* conv's output is pool's input: pool.mb == conv.mb, pool.c == conv.oc, pool.ih == conv.oh, pool.iw == conv.ow. */
typedef struct lw_conv2d_pool_shape {
    lw_conv2d_shape conv;
    lw_pool_shape pool;
} lw_conv2d_pool_shape;

/* dst, argmax = maxpool_fwd(conv2d_fwd(src, wei, bias, relu)); the map between them is not kept.
 * Numerics  dst as conv2d_fwd; argmax names a position whose value is within that bound of the maximum.
 * Cost      as conv2d_fwd and maxpool_fwd, nominally: positions that no window covers need not be computed. */
typedef struct lw_conv2d_pool_fwd_args {
    lw_conv2d_pool_shape shape;
    const float *src, *wei, *bias;
    float *dst;
    uint8_t *argmax;
    bool relu, packed;
} lw_conv2d_pool_fwd_args;

/* With g = diff_dst, or where dst is given (the pooled output, after a ReLU) g = dst <= 0 ? 0 : diff_dst:
 * diff_src = conv2d_bwd_data(maxpool_bwd(g, argmax), wei).   diff_src is overwritten whole.
 * Numerics  |err| <= 2*(K+3)*eps*sum|g||wei|, K = kh*kw*oc times the windows that may cover a position. A NaN or
 *           infinity in wei shows only where it meets a gradient that is not 0.
 * Cost      nominally as conv2d_bwd_data; executed, kh*kw*ic multiply-adds per gradient that is not 0: at most one
 *           per window and channel.
 * Source    the sparsity of a max-pool's gradient; with ReLU's as in Gong et al., SparseTrain (2019). */
typedef struct lw_conv2d_pool_bwd_data_args {
    lw_conv2d_pool_shape shape;
    const float *diff_dst, *dst, *wei;
    const uint8_t *argmax;
    float *diff_src;
} lw_conv2d_pool_bwd_data_args;

/* g as above; diff_wei, diff_bias = conv2d_bwd_weights(src, maxpool_bwd(g, argmax)).   diff_bias may be NULL.
 * Numerics  |err| <= 2*(K+3)*eps*sum|src||g|, K = mb * pool.oh * pool.ow. NaN and infinity in src as above.
 * Cost      as backward-data. */
typedef struct lw_conv2d_pool_bwd_weights_args {
    lw_conv2d_pool_shape shape;
    const float *src, *diff_dst, *dst;
    const uint8_t *argmax;
    float *diff_wei, *diff_bias;
} lw_conv2d_pool_bwd_weights_args;

/* ---------------------------------------------------------------- element-wise and rows */

/* dst[i] = src[i] < 0 ? 0 : src[i]; NaN and -0 stay.   n >= 0.   dst may be src.   Numerics exact. */
typedef struct lw_relu_fwd_args {
    ptrdiff_t n;
    const float *src;
    float *dst;
} lw_relu_fwd_args;

/* diff_src[i] = dst[i] <= 0 ? 0 : diff_dst[i], dst being the output of the forward pass.
 * diff_src may be diff_dst.   n >= 0.   Numerics exact. */
typedef struct lw_relu_bwd_args {
    ptrdiff_t n;
    const float *dst, *diff_dst;
    float *diff_src;
} lw_relu_bwd_args;

/* dst[i] = src[i] < 0 ? slope*src[i] : src[i]; NaN and -0 stay.   n >= 0, slope >= 0.   dst may be src.
 * Numerics  one rounded product: the same bits on every ISA.   Cost n FLOP; each operand once.
 * Source    Maas, Hannun & Ng, Rectifier nonlinearities improve neural network acoustic models (2013). */
typedef struct lw_leakyrelu_fwd_args {
    ptrdiff_t n;
    float slope;
    const float *src;
    float *dst;
} lw_leakyrelu_fwd_args;

/* diff_src[i] = dst[i] <= 0 ? slope*diff_dst[i] : diff_dst[i], dst being the output of the forward pass, which has the
 * sign of its input as slope >= 0.   diff_src may be diff_dst.   n >= 0.   Numerics and cost as forward. */
typedef struct lw_leakyrelu_bwd_args {
    ptrdiff_t n;
    float slope;
    const float *dst, *diff_dst;
    float *diff_src;
} lw_leakyrelu_bwd_args;

/* dst[r][c] = src[r][c] + bias[c].   Dense rows x cols, both >= 0.   dst may be src.
 * Numerics  |err| <= eps*|result|. */
typedef struct lw_bias_fwd_args {
    ptrdiff_t rows, cols;
    const float *src, *bias;
    float *dst;
} lw_bias_fwd_args;

/* diff_bias[c] = sum_r diff_dst[r][c]; overwritten.   rows >= 0, cols >= 0.
 * Numerics  |err| <= 2*(rows+3)*eps*sum|diff_dst|. */
typedef struct lw_bias_bwd_args {
    ptrdiff_t rows, cols;
    const float *diff_dst;
    float *diff_bias;
} lw_bias_bwd_args;

/* dst[i] = a[i] + b[i].   n >= 0.   dst may be a or b.   Numerics |err| <= eps*|result|. */
typedef struct lw_add_args {
    ptrdiff_t n;
    const float *a, *b;
    float *dst;
} lw_add_args;

/* Batch normalisation of the columns of a matrix: a column is a channel, a row one position of one image.
 *   training:  mean[c] = sum_r src[r][c] / rows,  var[c] = sum_r (src[r][c] - mean[c])^2 / rows,
 *              running_mean[c] = momentum*running_mean[c] + (1-momentum)*mean[c], and running_var of var so;
 *   else       mean = running_mean, var = running_var, which stay as they are.
 *   inv_std[c] = 1/sqrt(var[c] + epsilon),  dst[r][c] = act(gamma[c]*inv_std[c]*(src[r][c] - mean[c]) + beta[c]),
 * act as in conv2d_fwd. mean and inv_std are written in training, for the backward pass; else they may be NULL.
 * Layout    src, dst rows x cols dense, the others cols.
 * Sizes     rows >= 1, cols >= 0, epsilon > 0, 0 <= momentum <= 1, running_var >= 0.
 * Numerics  mean as bias_bwd; var by a second pass over src, |err| <= 2*(rows+6)*eps*var + (err of mean)^2; inv_std
 *           within 4*eps of that; dst |err| <= 8*eps*(|gamma*inv_std*(src - mean)| + |beta|) beside what the errors of
 *           mean and inv_std make of it. A NaN or infinity in a column makes that column NaN in training.
 * Cost      7 FLOP per element in training, else 3; bytes: src four times or twice, dst once.
 * Source    Ioffe & Szegedy, Batch normalization (2015). */
typedef struct lw_batchnorm_fwd_args {
    ptrdiff_t rows, cols;
    float momentum, epsilon;
    bool training, relu;
    const float *src, *gamma, *beta;
    float *running_mean, *running_var, *mean, *inv_std, *dst;
} lw_batchnorm_fwd_args;

/* The gradient of the above in training, with x = (src - mean)*inv_std, and g = diff_dst, or where dst is given (the
 * output, after a ReLU) g = dst <= 0 ? 0 : diff_dst:
 *   diff_beta[c] = sum_r g[r][c],  diff_gamma[c] = sum_r g[r][c]*x[r][c],
 *   diff_src[r][c] = gamma[c]*inv_std[c]*(g[r][c] - diff_beta[c]/rows - x[r][c]*diff_gamma[c]/rows).
 * All three are overwritten whole; diff_src may be NULL, or diff_dst.   Sizes as above.
 * Numerics  diff_beta as bias_bwd; diff_gamma |err| <= 2*(rows+6)*eps*sum|g*x|; diff_src |err| <= 16*eps*(sum of the
 *           magnitudes of its terms) beside what the errors of the two sums make of it.
 * Cost      9 FLOP per element; bytes: src and diff_dst twice, diff_src once. */
typedef struct lw_batchnorm_bwd_args {
    ptrdiff_t rows, cols;
    const float *src, *diff_dst, *dst, *gamma, *mean, *inv_std;
    float *diff_src, *diff_gamma, *diff_beta;
} lw_batchnorm_bwd_args;

/* Softmax with cross-entropy, forward and backward in one pass over each row:
 *   m = max_j logits[r][j],  s = sum_j exp(logits[r][j] - m),  prob[r][j] = exp(logits[r][j] - m) / s,
 *   q[j] = (1-smoothing) * (j == label[r]) + smoothing / cols,
 *   loss[r] = log(s) + m - sum_j q[j] * logits[r][j],
 *   diff_logits[r][j] = scale * (prob[r][j] - q[j]).
 * smoothing == 0: q is the label alone, and the other logits are not summed.
 * Layout    logits, prob, diff_logits rows x cols dense; label, loss rows. prob and diff_logits may be NULL;
 *           label may be NULL when loss and diff_logits are (inference). Either output may be logits itself.
 * Sizes     rows >= 0, cols >= 1, 0 <= label < cols, 0 <= smoothing < 1.
 * Numerics  prob |err| <= (8*(cols+8) + m - logit)*eps*prob + denormal_min, loss |err| <= 8*(cols+8)*eps*max(1,|loss|,|m|),
 *           and with smoothing 2*(cols+8)*eps*sum_j q[j]*|logit| more.
 *           A row that holds NaN or +inf gives NaN in loss and, where NaN arises, in prob and diff. */
typedef struct lw_softmax_xent_args {
    ptrdiff_t rows, cols;
    const float *logits;
    const int32_t *label;
    float scale, smoothing;
    float *loss, *prob, *diff_logits;
} lw_softmax_xent_args;

/* Inverted dropout: dst[i] = keep(i) ? src[i] * (1/(1-rate)) : 0. The mask is a pure function of
 * (seed, stream, i), so the backward pass is the same call on the gradient and no mask is stored:
 * Philox4x32-10 with key = seed (low, high word), counter = (b, b >> 32, stream low, stream high),
 * b = 8*(i / 32) + i % 8, word (i % 32) / 8; keep(i) = word >= rate * 2^32.
 * Sizes     n >= 0, 0 <= rate < 1.   dst may be src.   Numerics: one rounded product; the mask is the
 *           same bits on every ISA.
 * Source    Srivastava et al. (2014); Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (2011). */
typedef struct lw_dropout_args {
    ptrdiff_t n;
    float rate;
    uint64_t seed, stream;
    const float *src;
    float *dst;
} lw_dropout_args;

/* dst[i] = src[i] * scale + shift.   n >= 0.   Numerics |err| <= 2*eps*(|src*scale| + |shift|). */
typedef struct lw_normalize_u8_args {
    ptrdiff_t n;
    const uint8_t *src;
    float scale, shift;
    float *dst;
} lw_normalize_u8_args;

/* dst[y][x] = v * scale + shift, v = src at (sx, sy) by bilinear interpolation, 0 outside of src:
 *   sx = m[0]*x + m[1]*y + m[2] + dx[y][x],   sy = m[3]*x + m[4]*y + m[5] + dy[y][x];
 * a pixel's centre has whole coordinates; an image is surrounded by zeros, to which its edge fades within a pixel. The
 * map leads from where a pixel goes to where it comes from.
 * Layout    src, dst, dx, dy: h x w, dense.   Sizes h, w >= 1, (h + 3) * (w + 7) <= 2^24; dx and dy are both there or
 *           both NULL, which stands for zeros.
 * Aliasing  none.   Numerics |err| <= 8*eps*255*(3 + the magnitudes of the terms of sx and sy)*|scale|
 *           + 2*eps*|shift|; coordinates that are NaN or infinite are outside.
 * Threads   rows are shared.   Cost 2 gathers and some 20 FLOP per pixel.
 * Source    Simard, Steinkraus & Platt, Best practices for convolutional neural networks (2003). */
typedef struct lw_affine_warp_args {
    int h, w;
    float m[6];
    const uint8_t *src;
    const float *dx, *dy;
    float scale, shift;
    float *dst;
} lw_affine_warp_args;

/* ---------------------------------------------------------------- optimisers */

/* g = grad[i] + weight_decay*w[i];  v[i] = momentum*v[i] + g;
 * w[i] -= lr * (nesterov ? g + momentum*v[i] : v[i]).   momentum == 0: velocity is neither read nor
 * written (may be NULL) and w[i] -= lr*g.   n >= 0.
 * Numerics  |err| <= 16*eps*(sum of the magnitudes of the terms).
 * Source    Sutskever et al. (2013), in the form with lr outside the velocity. */
typedef struct lw_sgd_args {
    ptrdiff_t n;
    float lr, momentum, weight_decay;
    bool nesterov;
    const float *grad;
    float *w, *velocity;
} lw_sgd_args;

/* g = grad[i] + (decoupled ? 0 : weight_decay*w[i]);
 * m[i] = beta1*m[i] + (1-beta1)*g;  v[i] = beta2*v[i] + (1-beta2)*g*g;
 * w[i] -= (decoupled ? lr*weight_decay*w[i] : 0)
 *         + lr * (m[i]/(1-beta1^step)) / (sqrt(v[i]/(1-beta2^step)) + epsilon).
 * Sizes     n >= 0, step >= 1.   Numerics |err| <= 16*eps*(sum of the magnitudes of the terms).
 * Source    Kingma & Ba (2015), algorithm 1; Loshchilov & Hutter (2019) for `decoupled` (AdamW). */
typedef struct lw_adam_args {
    ptrdiff_t n;
    float lr, beta1, beta2, epsilon, weight_decay;
    bool decoupled;
    int64_t step;
    const float *grad;
    float *w, *m, *v;
} lw_adam_args;

/* g = grad[i] + weight_decay*w[i];  v[i] = rho*v[i] + (1-rho)*g*g;  w[i] -= lr * g / sqrt(v[i] + epsilon).
 * Sizes     n >= 0, 0 <= rho < 1, epsilon > 0.   Numerics |err| <= 16*eps*(sum of the magnitudes of the terms).
 * Source    Tieleman & Hinton (2012), with epsilon under the root as Keras has it. */
typedef struct lw_rmsprop_args {
    ptrdiff_t n;
    float lr, rho, epsilon, weight_decay;
    const float *grad;
    float *w, *v;
} lw_rmsprop_args;

/* ---------------------------------------------------------------- descriptors */

/* Every op: the enumerator's suffix, and the stem of lw_<stem>_args and of the member of lw_kernel.fn. */
#define LW_FOR_EACH_OP(X)                      \
    X(SGEMM, sgemm)                            \
    X(CONV2D_FWD, conv2d_fwd)                  \
    X(CONV2D_BWD_DATA, conv2d_bwd_data)        \
    X(CONV2D_BWD_WEIGHTS, conv2d_bwd_weights)  \
    X(CONV2D_POOL_FWD, conv2d_pool_fwd)                 \
    X(CONV2D_POOL_BWD_DATA, conv2d_pool_bwd_data)       \
    X(CONV2D_POOL_BWD_WEIGHTS, conv2d_pool_bwd_weights) \
    X(MAXPOOL_FWD, maxpool_fwd)                \
    X(MAXPOOL_BWD, maxpool_bwd)                \
    X(AVGPOOL_FWD, avgpool_fwd)                \
    X(AVGPOOL_BWD, avgpool_bwd)                \
    X(GAVGPOOL_FWD, gavgpool_fwd)              \
    X(GAVGPOOL_BWD, gavgpool_bwd)              \
    X(RELU_FWD, relu_fwd)                      \
    X(RELU_BWD, relu_bwd)                      \
    X(LEAKYRELU_FWD, leakyrelu_fwd)            \
    X(LEAKYRELU_BWD, leakyrelu_bwd)            \
    X(BIAS_FWD, bias_fwd)                      \
    X(BIAS_BWD, bias_bwd)                      \
    X(ADD, add)                                \
    X(BATCHNORM_FWD, batchnorm_fwd)            \
    X(BATCHNORM_BWD, batchnorm_bwd)            \
    X(SOFTMAX_XENT, softmax_xent)              \
    X(DROPOUT, dropout)                        \
    X(NORMALIZE_U8, normalize_u8)              \
    X(AFFINE_WARP, affine_warp)                \
    X(SGD, sgd)                                \
    X(ADAM, adam)                              \
    X(RMSPROP, rmsprop)

typedef enum lw_op {
#define X(ENUM, stem) LW_OP_##ENUM,
    LW_FOR_EACH_OP(X)
#undef X
    LW_OP_COUNT
} lw_op;

const char *lw_op_name(lw_op op); /* "conv2d_fwd" */
lw_op lw_op_named(const char *name); /* LW_OP_COUNT: there is none */

/* A kernel set. `autovec` is the scalar source once more, with the compiler's vectoriser on. */
typedef enum lw_isa {
    LW_ISA_SCALAR,
    LW_ISA_AUTOVEC,
    LW_ISA_AVX2,
    LW_ISA_AVX512,
    LW_ISA_NEON,
    LW_ISA_COUNT
} lw_isa;

const char *lw_isa_name(lw_isa isa); /* "avx2" */
lw_isa lw_isa_named(const char *name); /* LW_ISA_COUNT: there is none */

/* What an object file needs of the CPU and of the operating system. */
enum {
    LW_CPU_AVX2 = 1u << 0,
    LW_CPU_FMA = 1u << 1,
    LW_CPU_AVX512F = 1u << 2,
    LW_CPU_AVX512BW = 1u << 3,
    LW_CPU_AVX512DQ = 1u << 4,
    LW_CPU_AVX512VL = 1u << 5,
    LW_CPU_NEON = 1u << 6
};

#define X(ENUM, stem)                                                                     \
    typedef void lw_##stem##_fn(const lw_##stem##_args *args, void *ws, const lw_team *team); \
    typedef size_t lw_##stem##_ws_fn(const lw_##stem##_args *args, int team_size);            \
    typedef bool lw_##stem##_serves_fn(const lw_##stem##_args *args);                         \
    typedef double lw_##stem##_flop_fn(const lw_##stem##_args *args);                         \
    typedef void *lw_##stem##_prepare_fn(const lw_##stem##_args *args);
LW_FOR_EACH_OP(X)
#undef X

/* The arguments of any op: the op beside it says which member is valid. */
typedef union lw_args {
#define X(ENUM, stem) lw_##stem##_args stem;
    LW_FOR_EACH_OP(X)
#undef X
} lw_args;

/* A call by its sizes and scalars; pointers in it are not used. */
typedef struct lw_call {
    lw_op op;
    lw_args args;
} lw_call;

/* Who calls a kernel, and whose threads do the work. */
typedef enum lw_threads {
    LW_THREADS_TEAM,   /* every member of the team calls and does its share: all kernels of Lanewise */
    LW_THREADS_OPENMP, /* one caller; the kernel opens OpenMP regions of its own, in the caller's pool */
    LW_THREADS_OWN     /* one caller; the kernel has threads of its own, which inherit the caller's CPUs */
} lw_threads;

/* One row of an ISA's table. A row *is* the kernel's registration: dispatch, correctness test and
 * benchmark walk the same tables. */
typedef struct lw_kernel {
    const char *name; /* stable in records and filters: "sgemm_6x16" */
    lw_op op;         /* says which member of the unions is valid */
    lw_isa isa;
    uint32_t needs;   /* LW_CPU_* bits, from the compiler's own macros in that file */
    int priority;     /* the highest usable one of an ISA is dispatched; 0, as where serves is set: by choice only */
    int mr, nr;       /* register tile, or 0 */
    float tolerance;  /* factor on the bound that the op's contract states; 1 unless NUMERICS.md says why */
    bool mixes;       /* sums in which terms of other outputs cancel (Winograd): the bound is the largest of any output's,
                         and what is huge, NaN or infinite reaches neighbours too */
    bool rounds;      /* factors that are no powers of two (Winograd, larger tiles): small integers are not exact */
    union {
#define X(ENUM, stem) lw_##stem##_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } fn;
    union { /* bytes of workspace for a call; NULL: none */
#define X(ENUM, stem) lw_##stem##_ws_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } workspace;
    union { /* the problems that the row is for, by their sizes; NULL: all. Others it is not called with */
#define X(ENUM, stem) lw_##stem##_serves_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } serves;
    union { /* the calls that member 0 does without the others, who return at once: a caller may as well make them as a
               team of one, and not meet; NULL: none */
#define X(ENUM, stem) lw_##stem##_serves_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } alone;
    union { /* FLOP that a call executes; NULL: as many as any kernel of the op */
#define X(ENUM, stem) lw_##stem##_flop_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } flop;

    /* What a kernel of another library needs beside that; all zero in the tables of Lanewise.
     * prepare makes, outside of the timed call, what belongs to these arguments and is used again by each
     * call: compiled primitives, operands in the library's own layout. The call and finish get it in place
     * of a workspace. NULL from prepare: the kernel does not offer this problem. finish, after the last
     * call: results into the layouts that the op's contract states. */
    const char *library; /* the set's name: "openblas"; NULL: Lanewise's own, and the set is the ISA */
    lw_threads threads;
    union {
#define X(ENUM, stem) lw_##stem##_prepare_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } prepare;
    union {
#define X(ENUM, stem) lw_##stem##_fn *stem;
        LW_FOR_EACH_OP(X)
#undef X
    } finish;
    void (*release)(void *prepared); /* set where prepare is */
} lw_kernel;

/* The set that a row belongs to, as `--kernel` and records name it: "avx2", "openblas". */
const char *lw_kernel_set(const lw_kernel *k);

/* What the row says of such a call: whether it is for it, whether one member does it, and the bytes of workspace. */
bool lw_row_serves(const lw_kernel *k, const lw_args *args);
bool lw_row_alone(const lw_kernel *k, const lw_args *args);
size_t lw_row_workspace(const lw_kernel *k, const lw_args *args, int team_size);

/* The rows of one ISA; `count` is 0 and `rows` NULL where that ISA is not built in. */
typedef struct lw_table {
    lw_isa isa;
    size_t count;
    const lw_kernel *rows;
} lw_table;

const lw_table *lw_table_of(lw_isa isa);

/* ---------------------------------------------------------------- CPU and dispatch */

/* What the CPU reports and what the operating system has enabled of it; LW_CPU_* bits. */
typedef struct lw_cpu {
    uint32_t cpu, os; /* usable = cpu & os */
} lw_cpu;

lw_cpu lw_cpu_detect(void);
uint32_t lw_isa_needs(lw_isa isa);                                /* the feature bits that name this ISA */
bool lw_isa_usable(lw_isa isa, const lw_cpu *cpu);                /* built, reported, enabled */
const char *lw_isa_why_not(lw_isa isa, const lw_cpu *cpu);        /* "" if usable, else "not built" ... */

/* A row that takes calls which would go to the one of the highest priority. */
typedef struct lw_chosen {
    const lw_kernel *row;
    bool forced;  /* all calls that it serves; else those like `call` */
    lw_call call;
} lw_chosen;

/* Of several rows for a call the first is taken. Rows of other sets than the dispatch's play no part. */
typedef struct lw_choice {
    int count;
    const lw_chosen *chosen;
} lw_choice;

/* One kernel per op, and others for some calls. A value: two of them can run side by side. */
typedef struct lw_dispatch {
    lw_isa isa; /* the set asked for, after `auto` */
    const lw_kernel *op[LW_OP_COUNT];
    lw_choice choice; /* empty, unless it was set after lw_dispatch_init */
} lw_dispatch;

/* Whether calls of this op may go to several rows, by their sizes: matrix products and convolutions. */
bool lw_op_goes_by_size(lw_op op);
bool lw_call_same(const lw_call *a, const lw_call *b); /* the same op, which goes by size, and the same sizes */

/* The row for such a call. The team's size plays no part, so that the bits do not depend on it. */
const lw_kernel *lw_dispatch_row(const lw_dispatch *d, const lw_call *call);

/* Resolve a request: "auto" or an ISA's name. NULL: the environment's LANEWISE_KERNEL, else "auto".
 * `auto` takes the best usable hand-written set. There is no silent fallback: on false, `message`
 * (of `size` bytes) holds one line that lists the known, built, CPU-supported and OS-enabled sets. */
bool lw_dispatch_init(lw_dispatch *d, const char *request, char *message, size_t size);

/* ---------------------------------------------------------------- memory */

void *lw_alloc(size_t bytes); /* 64-byte aligned, zeroed; NULL when there is no memory; lw_alloc(0) is not NULL */
void lw_free(void *p);

#endif
