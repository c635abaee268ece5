"""The parts of a header of C for models that take tables."""

HEADER = """\
/* $title, exported by $made_by.
 *
 * C99 and C++. It computes in double, allocates no memory and keeps no state: a call
 * needs about $stack bytes of stack, and threads may call it at once. Link with -lm.
 * Missing values are NAN; of levels they are the constant that ends in MISSING. The
 * outputs of a row are NAN where the model has no rule for what it misses.
$note *
 *     struct ${name}_row row = ${name}_empty_row();
 *     double $out[$n_outputs];
 *     row.$member = $value
 *     ${name}_$function(&row, $out);
 */
#ifndef ${NAME}_H
#define ${NAME}_H

#include <math.h>
#include <string.h>

#define ${NAME}_N_OUTPUTS $n_outputs

"""
FOOTER = """\
#endif /* ${NAME}_H */
"""
TOOLS = """\
/* unlike fmax and fmin they give NaN where a is NaN */
static inline double ${name}_max(double a, double b) { return a < b ? b : a; }
static inline double ${name}_min(double a, double b) { return b < a ? b : a; }

/* z = W x + b; W lies row by row */
static inline void ${name}_layer(const $weight *W, const $weight *b, int n_in,
                                 int n_out, const double *x, double *z)
{
    for (int i = 0; i < n_out; i++, W += n_in) {
        double sum = 0.0;
        for (int j = 0; j < n_in; j++) sum += (double)W[j] * x[j];
        z[i] = sum + (double)b[i];
    }
}

"""
DATES = """\
/* a date, as days since 1970-01-01; add hour / 24.0 and so on */
static inline double ${name}_days(int year, int month, int day)
{
    long y = (long)year - (month <= 2), m = month + (month > 2 ? -3 : 9);
    long era = (y >= 0 ? y : y - 399) / 400, in_era = y - 400 * era;
    long in_year = (153 * m + 2) / 5 + day - 1; /* since the first of March */
    long days = 365 * in_era + in_era / 4 - in_era / 100 + in_year;
    return (double)(146097 * era + days - 719468);
}

"""
LEVELS = """\
/* which of the levels x is; -1 where it is missing, -2 if it is another */
static inline int ${name}_number_of_level(double x, const double *levels, int n)
{
    if (x != x) return -1;
    for (int i = 0; i < n; i++) if (x == levels[i]) return i;
    return -2;
}

"""
EACH = """\
static inline int ${name}_%s(double *v, int k, const int *s, int n,
                             const double *c, int m)
{
    (void)m, (void)c;
    for (int i = 0; i < n; i++) {
        double x = v[s[i]];
        v[k++] = %s;
    }
    return k;
}

"""
OF_ONE = """\
static inline int ${name}_%s(double *v, int k, const int *s, int n,
                             const double *c, int m)
{
    double x = v[s[0]];
    (void)n, (void)c, (void)m;
%s    return k;
}

"""
WAVES = """\
static inline int ${name}_waves(double *v, int k, double phase)
{
    const double angle = 6.283185307179586 * phase;
    v[k++] = phase == phase ? sin(angle) : 0.0; /* 0 where the date is missing */
    v[k++] = phase == phase ? cos(angle) : 0.0;
    return k;
}

"""
MONTH = """\
    if (x == x) {
        long days = (long)floor(x) + 719468; /* since March 1 of the year 0 */
        long era = (days >= 0 ? days : days - 146096) / 146097, d = days - 146097 * era;
        long y = (d - d / 1460 + d / 36524 - d / 146096) / 365;
        long month = (5 * (d - (365 * y + y / 4 - y / 100)) + 2) / 153;
        x = (double)(month < 10 ? month + 2 : month - 10) / 12.0;
    }
    k = ${name}_waves(v, k, x);
"""
# {names of operations: definition, if one of them is used}
OPERATIONS = {
    ("month", "weekday", "time"): WAVES,
    ("add",): EACH % ("add", "x + c[i]"),
    ("subtract",): EACH % ("subtract", "x - c[i]"),
    ("multiply",): EACH % ("multiply", "x * c[i]"),
    ("divide",): EACH % ("divide", "x / c[i]"),
    ("clip",): EACH % ("clip", "${name}_min(${name}_max(x, c[i]), c[n + i])"),
    ("fill",): EACH % ("fill", "x == c[i] || (x != x && c[i] != c[i]) ? c[n + i] : x"),
    ("missing",): EACH % ("missing", "x != x"),
    ("float32",): EACH % ("float32", "(double)(float)x"),
    ("smooth_clip",): OF_ONE
    % (
        "smooth_clip",
        "    x = ${name}_min(${name}_max((x - c[0]) / c[1], -1e8), 1e8);\n"
        "    v[k++] = x / sqrt(1.0 + (x / 3.0) * (x / 3.0));\n",
    ),
    ("position",): OF_ONE
    % (
        "position",
        "    int i = 0;\n"
        "    while (i < m - 2 && c[i + 1] <= x) i++;\n"
        "    x = (x - c[i]) / (c[i + 1] - c[i]);\n"
        "    v[k++] = i + ${name}_min(${name}_max(x, 0.0), 1.0);\n",
    ),
    ("bins",): OF_ONE
    % (
        "bins",
        "    for (int j = 0; j < m; j++)\n"
        "        v[k++] = ${name}_min(${name}_max(x - c[j], 0.0), 1.0);\n",
    ),
    ("one_hot",): OF_ONE
    % ("one_hot", "    for (int j = 0; j < m; j++) v[k++] = x != x ? x : x == c[j];\n"),
    ("find",): OF_ONE % ("find", "    v[k++] = ${name}_number_of_level(x, c, m);\n"),
    ("table",): OF_ONE
    % (
        "table",
        "    int i = x > -2.0 && x < m - 2 ? (int)x : -2;\n"
        "    v[k++] = c[i < 0 ? m + i : i];\n",
    ),
    ("month",): OF_ONE % ("month", MONTH),
    ("weekday",): OF_ONE
    % (
        "weekday",
        "    x = floor(x) + 3.0;\n"
        "    k = ${name}_waves(v, k, (x - 7.0 * floor(x / 7.0)) / 7.0);\n",
    ),
    ("time",): OF_ONE % ("time", "    k = ${name}_waves(v, k, x - floor(x));\n"),
}
FEATURES = """\
/* what the networks take of a row; 0 where the model has no rule for the row */
static inline int ${name}_features(const struct ${name}_row *row, double *x)
{
    double v[$n_registers];
    int k = 0;
$body    for (int j = 0; j < $n_features; j++) {
        x[j] = v[features[j]];
        if (!(fabs(x[j]) <= 1.7976931348623157e308)) return 0;
    }
    return 1;
}

"""
SCALAR = """\
static inline double ${name}_$function(double z)
{
    return $formula;
}

"""
NETWORK = """\
static inline void ${name}_network_$k(const double *x, double *z)
{
$body}

"""
OUTPUTS = """\
/* the outputs a of one network for its raw outputs z */
static inline void ${name}_outputs(double *z, double *a)
{
$body}

/* p: $n_outputs of each network, one network after the other; NAN without a rule */
static inline void ${name}_outputs_of_networks(const struct ${name}_row *row, double *p)
{
    double x[$n_features], z[$units];
    if (!${name}_features(row, x)) {
        for (int k = 0; k < $n_all; k++) p[k] = NAN;
        return;
    }
$calls}

/* out: $n_outputs, $meaning */
static inline void ${name}_$function(const struct ${name}_row *row, double *out)
{
    double p[$n_all];
    ${name}_outputs_of_networks(row, p);
    for (int k = 0; k < $n_outputs; k++) {
        out[k] = 0.0;
        for (int i = 0; i < $n_members; i++) out[k] += p[$n_outputs * i + k];
        out[k] /= $n_members.0;
    }
$after_mean}

"""
INTERVAL = """\
/* how many of the n sorted numbers r are at most x */
static inline int ${name}_count_up_to(const double *r, int n, double x)
{
    int first = 0;
    while (first < n) {
        int middle = first + (n - first) / 2;
        if (r[middle] <= x) first = middle + 1; else n = middle;
    }
    return first;
}

/* the least u that predictions plus residuals of the weight `wanted` are at most; the
 * predictions are sign * p[0], sign * p[$n_outputs] ...; w[i] is NULL where each weight
 * is 1 */
static inline double ${name}_upper(const double *p, double sign, double wanted,
                                   const double *const *r, const double *const *w,
                                   const int *n)
{
    double low = INFINITY, high = -INFINITY, least = INFINITY, most = -INFINITY;
    for (int i = 0; i < $n_members; i++) {
        low = ${name}_min(low, sign * p[$n_outputs * i]);
        high = ${name}_max(high, sign * p[$n_outputs * i]);
        if (n[i]) least = ${name}_min(least, r[i][0]);
        if (n[i]) most = ${name}_max(most, r[i][n[i] - 1]);
    }
    low += least;
    high += most;
    low -= 2.3e-16 * fabs(low) + 1e-300;
    for (int step = 0; step < 60; step++) {
        double middle = low + (high - low) / 2, weight = 0.0;
        for (int i = 0; i < $n_members; i++) {
            double x = middle - sign * p[$n_outputs * i];
            int count = ${name}_count_up_to(r[i], n[i], x);
            weight += w[i] ? w[i][count] : count;
        }
        if (weight >= wanted) high = middle; else low = middle;
    }
    return high;
}

$intervals/* y: the lower and the upper end$of_each, which hold the target
 * with the probability `coverage`, such as 0.9 */
static inline void ${name}_predict_interval(const struct ${name}_row *row,
                                            double coverage, double *y)
{
    double p[$n_all];
    ${name}_outputs_of_networks(row, p);
$ends}

"""
INTERVAL_OF_TARGET = """\
static inline void ${name}_interval_$k(const double *p, double coverage, double *y)
{
    static const double *const r[$n_members] = {$r};
    static const double *const w[$n_members] = {$w};
    static const int n[$n_members] = {$n};
    double wanted = coverage * ($total + $one) * (1.0 - 1e-12);
    double low = INFINITY, high = INFINITY;
    if (wanted <= $total) {
        low = ${name}_upper(p + $low, -1.0, wanted, r, w, n);
        high = ${name}_upper(p + $high, 1.0, wanted, r, w, n);
    }
    if (!(coverage > 0.0 && coverage < 1.0) || p[0] != p[0]) low = high = NAN;
    y[0] = -low <= high ? -low : high;
    y[1] = -low <= high ? high : -low;
}

"""
SOFTMAX = """\
    double top = z[0], sum = 0.0;
    for (int k = 1; k < $units; k++) top = ${name}_max(top, z[k]);
    for (int k = 0; k < $units; k++) sum += a[k] = exp(z[k] - top);
    for (int k = 0; k < $units; k++) a[k] /= sum;
"""
ELEMENTWISE = """\
    {
    $values
    for (int k = 0; k < $n; k++) $a[k] = %s;
    }
"""
STAGES = {
    "add": ELEMENTWISE % "$a[k] + c[k]",
    "subtract": ELEMENTWISE % "$a[k] - c[k]",
    "multiply": ELEMENTWISE % "$a[k] * c[k]",
    "divide": ELEMENTWISE % "$a[k] / c[k]",
    "clip": ELEMENTWISE % "$a[k] < c[k] ? c[k] : $a[k] > c[$n + k] ? c[$n + k] : $a[k]",
    "sort": """\
    for (int k = 1; k < $n; k++) /* sorts them */
        for (int j = k; j > 0 && $a[j - 1] > $a[j]; j--) {
            double other = $a[j];
            $a[j] = $a[j - 1];
            $a[j - 1] = other;
        }
""",
}
# {what is predicted: `predict`}; a regressor has it already
PREDICT = {
    "class": """\
/* the number of the most probable class, the first of which is 0; -1 of NAN */
static inline int ${name}_predict(const struct ${name}_row *row)
{
    double p[$n_outputs];
    int best = 0;
    ${name}_predict_proba(row, p);
    for (int k = 1; k < $n_outputs; k++) if (p[k] > p[best]) best = k;
    return p[0] == p[0] ? best : -1;
}

""",
    "label": """\
/* y: 1 for each label above 1/2, else 0; -1 of NAN */
static inline void ${name}_predict(const struct ${name}_row *row, int *y)
{
    double p[$n_outputs];
    ${name}_predict_proba(row, p);
    for (int k = 0; k < $n_outputs; k++) y[k] = p[k] == p[k] ? p[k] > 0.5 : -1;
}

""",
    "number": "",
}
