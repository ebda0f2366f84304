/* SPDX-License-Identifier: BSD-3-Clause
 *
 * layer.h: what a layer is. A layer type is a table of functions; a layer is a type with its sizes. Layers
 * own no memory and start no threads: the network hands them their tensors, and every member of the team
 * calls. A new layer costs its file and a line in lw_layer_types. Layers form a graph without cycles: each reads
 * the outputs of layers before it in the model's list.
 */
#ifndef LW_LAYER_H
#define LW_LAYER_H

#include "kernels/kernels.h"
#include "nn/error.h"
#include "nn/profile.h"

/* Size of one image's activation, NHWC without N; a flat vector is 1 x 1 x c. */
typedef struct lw_dims {
    int h, w, c;
} lw_dims;

ptrdiff_t lw_dims_count(lw_dims d);

enum { LW_LAYER_PARAMS = 4, LW_LAYER_ARGS = 4, LW_LAYER_INPUTS = 8, LW_LAYER_LEVELS = 8 };
#define LW_IMAGE (-1) /* as an input: the image */

/* A parameter tensor: layout as in kernels.h. */
typedef struct lw_param {
    const char *name; /* "kernel", "bias" */
    int rank, shape[4];
    int fan_in, fan_out; /* 0: starts at `start` everywhere */
    float start;
    bool state;          /* written by the layer's forward pass and not trained: it has no gradient */
} lw_param;

ptrdiff_t lw_param_count(const lw_param *p);

/* An argument in a model's text, by position or by name. */
typedef struct lw_layer_arg {
    const char *name;
    enum { LW_ARG_INT, LW_ARG_INT_OR_SAME, LW_ARG_REAL } kind; /* "same" reads as LW_ARG_SAME */
    double min, max;                                           /* both included */
    double preset;                                             /* NaN: must be given */
} lw_layer_arg;

#define LW_ARG_SAME (-1.0)

typedef struct lw_layer_type lw_layer_type;

typedef struct lw_layer {
    const lw_layer_type *type;
    char name[32]; /* unique in its model: "conv2d", "conv2d_1" */
    int index;     /* position in the model */
    char path[LW_LAYER_LEVELS + 1]; /* the parts of groups that it is in: "ba" is the first part of a group in the
                                       second part of another */
    int inputs, from[LW_LAYER_INPUTS]; /* the layers whose outputs it reads, or LW_IMAGE */
    bool frozen;       /* its parameters are kept as they are: see finetune.h */
    double lr_factor;  /* of the learning rate, for its parameters: see finetune.h */
    int readers;       /* how many inputs of layers its output is; 0: it is the last */
    bool learns;       /* it has parameters, or a layer that leads to it has: it needs the gradient of its output */
    bool in_place;     /* dst is src */
    bool passes_diff;  /* its first diff_src is diff_dst */
    lw_dims in, out;           /* as the model says; in: of the first input */
    lw_dims used_in, used_out; /* what is computed of them: rows and columns from 0 on; see elide.h */
    double flop;               /* of one image's forward pass, as the model says */
    bool relu;        /* a ReLU follows and is part of this layer */
    bool masks_input; /* this layer's backward pass also does the ReLU of the layer before it */
    bool masked;      /* the next layer does this layer's ReLU in the backward pass */
    bool pools;       /* this convolution also does the max-pool that follows, whose shape is in of.pool */
    bool pooled;      /* this max-pool is done by the convolution before it */
    int params;
    lw_param param[LW_LAYER_PARAMS];
    struct { /* what its type needs; mb is set per call */
        lw_conv2d_shape conv;
        lw_pool_shape pool;
        float rate, slope;
        int channels[LW_LAYER_INPUTS]; /* of each input */
        struct {
            float momentum, epsilon;
        } norm;
    } of;
} lw_layer;

/* Whether the optimiser moves this tensor. */
static inline bool lw_layer_trains(const lw_layer *l, int param)
{
    return !l->frozen && !l->param[param].state;
}

/* The tensors of one layer, and the kernels that go by their sizes. */
typedef struct lw_tensors {
    const float *src;
    float *dst;      /* src, where the layer is in place */
    float *diff_dst; /* in: the gradient of dst; the layer may overwrite it */
    float *diff_src; /* out; NULL: not wanted. May be diff_dst, where the layer passes it on */
    uint8_t *argmax;
    float *saved;    /* what the forward pass leaves for the backward pass beside dst; type->saves floats */
    float *param[LW_LAYER_PARAMS], *grad[LW_LAYER_PARAMS]; /* grad NULL: not trained */
    const float *more_src[LW_LAYER_INPUTS]; /* of all inputs; the first is src */
    float *more_diff[LW_LAYER_INPUTS];      /* the first is diff_src */
    const lw_kernel *kernel[LW_LAYER_PARTS]; /* of each part whose type names a call for it; else NULL */
} lw_tensors;

/* One pass over one batch, as one member of the team sees it. */
typedef struct lw_pass {
    const lw_dispatch *kernels;
    const lw_team *team;
    void *workspace; /* shared by a layer's calls: the team synchronises between two kernels that use it */
    bool packed;     /* the workspace is as this layer's last forward pass left it, and the weights are the same */
    int mb;
    int step_mb; /* images of the whole step, over which the loss is a mean; 0: mb */
    int number;  /* which of the step's passes this is */
    bool training;
    float smoothing; /* of the labels: see softmax_xent in kernels.h */
    uint64_t seed, epoch, step;
    lw_profile *profile; /* NULL: off, or not member 0 */
} lw_pass;

struct lw_layer_type {
    const char *word;  /* in a model's text: "conv" */
    const char *title; /* in a summary: "Conv2D" */
    const char *stem;  /* of names: "conv2d" */
    const char *usage; /* "conv(filters,kernel[,stride=1][,pad=0|same])" */
    bool in_place;     /* dst may be src and diff_src diff_dst: they are where nobody else reads src */
    bool passes_diff;  /* the first diff_src may be diff_dst */
    bool takes_relu;   /* a ReLU that follows becomes part of the layer */
    bool keeps_argmax;
    bool mixes_images; /* in training an image's output depends on the others of its pass: a step is one pass */
    int args;
    lw_layer_arg arg[LW_LAYER_ARGS];

    /* Sizes and parameters from the arguments and l->in. false: the arguments do not fit the input; `err`
     * says why, without saying where. */
    bool (*build)(lw_layer *l, const double *value, lw_error *err);
    /* Instead of build, of a layer with several inputs: sizes from those of its inputs. */
    bool (*join)(lw_layer *l, const lw_dims *in, lw_error *err);
    /* FLOP of one image's forward pass on the used sizes, multiply and add counted as two. */
    double (*flop)(const lw_layer *l);
    /* What of the input the outputs `out` look at, at least; and to compute no more than `out` from `in`. Both NULL:
     * this layer looks at all of its input. */
    lw_dims (*reach)(const lw_layer *l, lw_dims out);
    void (*resize)(lw_layer *l, lw_dims in, lw_dims out);
    /* Floats that the forward pass leaves for the backward pass; NULL: none. */
    ptrdiff_t (*saves)(const lw_layer *l);
    /* The call of a part, on a batch of mb, whose kernel goes by its sizes: matrix products and convolutions. false:
     * that part has none. NULL: no part has. */
    bool (*call)(const lw_layer *l, lw_part part, int mb, lw_call *out);
    /* Bytes of workspace for both passes, beside that of these calls; NULL: none. */
    size_t (*workspace)(const lw_layer *l, const lw_dispatch *kernels, int mb, int team_size);
    /* The network synchronises the team after each. */
    void (*forward)(const lw_layer *l, const lw_tensors *t, const lw_pass *p);
    void (*backward)(const lw_layer *l, const lw_tensors *t, const lw_pass *p);
};

extern const lw_layer_type lw_layer_conv, lw_layer_dense, lw_layer_maxpool, lw_layer_avgpool,
    lw_layer_globalavgpool, lw_layer_relu, lw_layer_leakyrelu, lw_layer_dropout, lw_layer_flatten, lw_layer_batchnorm;

extern const lw_layer_type *const lw_layer_types[]; /* NULL-terminated */

/* Made by groups, so without a word in a model's text. */
extern const lw_layer_type lw_layer_add, lw_layer_concat;

/* Batch normalisation by its running statistics is one factor and one summand per channel. Multiplies them into the
 * layer before it: `kernel` has rows of as many columns as there are channels. `param`: gamma, beta, mean, variance. */
void lw_batchnorm_fold(const lw_layer *norm, float *const param[LW_LAYER_PARAMS], ptrdiff_t rows, float *kernel, float *bias);

/* Helpers of windowed layers: output size and first padding for one dimension. pad < 0: "same", as
 * TensorFlow pads. 0: the window does not fit. */
int lw_window_out(int in, int size, int stride, int *pad);

lw_dims lw_window_reach(lw_dims in, lw_dims out, int kh, int kw, int sh, int sw, int ph, int pw);

/* The functions of a type that pools over windows: arguments size, stride (0: size), pad. */
bool lw_layer_pool_build(lw_layer *l, const double *value, lw_error *err);
lw_dims lw_layer_pool_reach(const lw_layer *l, lw_dims out);
void lw_layer_pool_resize(lw_layer *l, lw_dims in, lw_dims out);

/* The functions of a type whose outputs look at one input each, where they stand. */
double lw_layer_pointwise_flop(const lw_layer *l); /* one each */
lw_dims lw_layer_pointwise_reach(const lw_layer *l, lw_dims out);
void lw_layer_pointwise_resize(lw_layer *l, lw_dims in, lw_dims out);

/* ReLU of a layer's output in place, and its gradient in diff_dst; both end without a sync. */
void lw_layer_relu_forward(const lw_layer *l, float *dst, const lw_pass *p);
void lw_layer_relu_backward(const lw_layer *l, const float *dst, float *diff_dst, const lw_pass *p);

/* dst = src, as large as the layer's output; nothing where they are the same. */
void lw_layer_copy(const lw_layer *l, const float *src, float *dst, const lw_pass *p);

/* After a sync inside a layer's pass: `part` of the layer has ended there. */
static inline void lw_layer_cut(const lw_layer *l, const lw_pass *p, lw_part part)
{
    lw_profile_cut(p->profile, l->index * LW_LAYER_PARTS + part);
}

#endif
