/* Answers from sums of trees and from linear combinations, without an array library.
 *
 * The layouts are described in formats/trees.py and formats/linear.py, which answer the same, to the bit, where there
 * was no compiler. A payload is checked when it is taken, so that no walk can leave it or last for ever: children lie
 * behind their parents, and every index within its table.
 */
#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION 1
#define WHOLE_ROW UINT32_MAX
/* rows that walk through one tree before the next tree's turn */
#define BLOCK 128
/* walks at the same time */
#define WALKS 8

/* what a node's word holds beside its feature */
#define LEAF 0x80000000u
#define MISSING_LEFT 0x40000000u
#define CATEGORIES 0x20000000u
#define MEMBERS_RIGHT 0x10000000u
#define OR_EQUAL 0x08000000u
#define FEATURE 0x07ffffffu

enum link { IDENTITY, LOGISTIC, SIGMOID, SIGMOIDS, OVR, SOFTMAX, EXPONENTIAL, NEAREST, MEDIAN, LINKS };

/* a payload begins anywhere in its artifact */
typedef struct __attribute__((packed)) { float value; uint32_t word; uint32_t child; } Node;
typedef struct __attribute__((packed)) { uint32_t of; } Word;
typedef struct __attribute__((packed)) { float of; } Single;
typedef struct __attribute__((packed)) { double of; } Double;
/* one of the sums among which a median is looked for */
typedef struct { double sum; uint32_t output; } Said;

typedef struct {
    PyObject_HEAD
    Py_buffer payload;
    bool linear;
    enum link link;
    uint32_t width, outputs, scores;
    /* trees */
    bool single;
    uint32_t trees, set_count;
    double factor;
    const Double *base;
    const Word *roots, *targets;
    const Node *nodes;
    const Single *leaves;
    const Word *sets, *members;
    /* linear */
    const Double *coefficients;
    /* a number for each output, of those links that have one: what NEAREST answers, or its weight for MEDIAN */
    const Double *notes;
    double half;
    /* for single rows */
    double *sums;
    Said *order;
    float *row, *answers;
    /* what answer() is told by ready() */
    PyObject *numbers;
    double *shifts, *scales;
    bool takes_missing, ready;
} Sums;

static PyTypeObject *sums_type;

/* ---- taking a payload ---------------------------------------------------------------------------------------- */

static bool
refuse(const char *reason)
{
    PyErr_SetString(PyExc_ValueError, reason);
    return false;
}

static bool
check_nodes(const Sums *self, const uint32_t nodes, const uint32_t rows, const uint32_t sets)
{
    for (uint32_t at = 0; at < nodes; at++) {
        const Node node = self->nodes[at];
        if (node.word & LEAF) {
            if (node.word != LEAF)
                return refuse("it has a leaf that asks for something");
            if (node.child != 0 && node.child >= rows)
                return refuse("it has a leaf beyond its table of leaves");
            continue;
        }
        /* both children, side by side */
        if (node.child <= at || node.child >= nodes - 1)
            return refuse("it has a node that leads nowhere");
        if ((node.word & FEATURE) >= self->width)
            return refuse("it has a node that asks for a feature that there is not");
        uint32_t set;
        memcpy(&set, &node.value, sizeof set);
        if (node.word & CATEGORIES ? set >= sets : node.value != node.value)
            return refuse("it has a node with nothing to compare with");
    }
    for (uint32_t tree = 0; tree < self->trees; tree++) {
        const uint32_t target = self->targets[tree].of;
        if (self->roots[tree].of >= nodes || (target != WHOLE_ROW && target >= self->outputs)
            || (target == WHOLE_ROW && rows == 0))
            return refuse("it has a tree out of range");
    }
    return true;
}

/* the numbers that some links have for each output, the last of a payload */
static uint64_t
notes_of(const Sums *self, const uint64_t outputs)
{
    return self->link == NEAREST || self->link == MEDIAN ? outputs : 0;
}

static bool
check_weights(Sums *self)
{
    for (uint32_t i = 0; self->link == MEDIAN && i < self->outputs; i++) {
        const double weight = self->notes[i].of;
        if (!(weight >= 0 && isfinite(weight)))
            return refuse("it has a weight that is none");
        self->half += weight;
    }
    self->half /= 2;
    return true;
}

static bool
take_trees(Sums *self)
{
    /* version, link, width, outputs, trees, nodes, rows of leaves, sets, members, whether in single precision */
    enum { HEAD = 10 };
    const Word *head = self->payload.buf;
    const uint64_t size = (uint64_t)self->payload.len;
    if (size < HEAD * sizeof *head + sizeof(double))
        return refuse("it is shorter than its own head");
    const uint64_t outputs = head[3].of, trees = head[4].of, nodes = head[5].of, rows = head[6].of, sets = head[7].of;
    const uint64_t members = head[8].of;
    const uint64_t notes = notes_of(self, outputs);
    /* products of two numbers of 32 bits, added up: far below 2^64 but for the leaves, which are looked at first */
    if (outputs == 0 || rows > size / sizeof(float) / outputs)
        return refuse("it has another length than its head says");
    const uint64_t expected = HEAD * sizeof *head + sizeof(double) * (1 + outputs) + sizeof *head * 2 * trees
        + sizeof(Node) * nodes + sizeof(float) * rows * outputs + sizeof *head * (sets + 1 + members)
        + sizeof(double) * notes;
    if (size != expected)
        return refuse("it has another length than its head says");
    if (head[9].of > 1)
        return refuse("its head does not hold together");
    self->single = head[9].of;
    self->trees = (uint32_t)trees;
    self->set_count = (uint32_t)sets;
    const Double *numbers = (const Double *)(head + HEAD);
    self->factor = numbers[0].of;
    self->base = numbers + 1;
    self->roots = (const Word *)(self->base + outputs);
    self->targets = self->roots + trees;
    self->nodes = (const Node *)(self->targets + trees);
    self->leaves = (const Single *)(self->nodes + nodes);
    self->sets = (const Word *)(self->leaves + rows * outputs);
    self->members = self->sets + sets + 1;
    self->notes = (const Double *)(self->members + members);
    for (uint64_t set = 0; set < sets; set++)
        if (self->sets[set].of > self->sets[set + 1].of)
            return refuse("it has a set of categories that ends before it begins");
    if (self->sets[0].of != 0 || self->sets[sets].of != members)
        return refuse("it has a set of categories out of range");
    return check_nodes(self, (uint32_t)nodes, (uint32_t)rows, (uint32_t)sets);
}

static bool
take_linear(Sums *self)
{
    /* version, link, width, outputs */
    enum { HEAD = 4 };
    const Word *head = self->payload.buf;
    const uint64_t size = (uint64_t)self->payload.len;
    if (size < HEAD * sizeof *head)
        return refuse("it is shorter than its own head");
    const uint64_t width = head[2].of, outputs = head[3].of, notes = notes_of(self, outputs);
    if (outputs == 0 || width > size / sizeof(double) / outputs
        || size != HEAD * sizeof *head + sizeof(double) * (outputs + outputs * width + notes))
        return refuse("it has another length than its head says");
    self->base = (const Double *)(head + HEAD);
    self->coefficients = self->base + outputs;
    self->notes = self->coefficients + outputs * width;
    return true;
}

static bool
take(Sums *self)
{
    const Word *head = self->payload.buf;
    if ((uint64_t)self->payload.len < 4 * sizeof *head)
        return refuse("it is shorter than its own head");
    if (head[0].of != VERSION) {
        PyErr_Format(PyExc_ValueError, "its layout has version %lu, and this Turnout reads version %d",
                     (unsigned long)head[0].of, VERSION);
        return false;
    }
    if (head[1].of >= LINKS)
        return refuse("it has a link that is not known");
    self->link = (enum link)head[1].of;
    self->width = head[2].of;
    self->outputs = head[3].of;
    self->scores = self->link == SIGMOID ? 2 : notes_of(self, 1) ? 1 : self->outputs;
    if (self->width == 0 || self->width > FEATURE || ((self->link == SIGMOID || self->link == LOGISTIC) && self->outputs != 1))
        return refuse("its head does not hold together");
    if (!(self->linear ? take_linear(self) : take_trees(self)) || !check_weights(self))
        return false;
    self->sums = malloc(sizeof *self->sums * self->outputs);
    self->answers = malloc(sizeof *self->answers * self->scores);
    self->row = malloc(sizeof *self->row * self->width);
    self->order = malloc(sizeof *self->order * self->outputs);
    if (self->sums == NULL || self->answers == NULL || self->row == NULL || self->order == NULL) {
        PyErr_NoMemory();
        return false;
    }
    return true;
}

/* ---- sums ---------------------------------------------------------------------------------------------------- */

static bool
is_member(const Sums *self, const float value, const float numbered)
{
    uint32_t set;
    memcpy(&set, &numbered, sizeof set);
    const uint32_t start = self->sets[set].of, words = self->sets[set + 1].of - start;
    if (!(value >= 0.0f && value < 32.0f * (float)words))
        return false;
    const uint64_t category = (uint64_t)value;
    return category / 32 < words && (self->members[start + category / 32].of >> category % 32 & 1);
}

/* the next node on a row's way; a leaf stays where it is. Of plain rows none has a missing value, nor the trees a set. */
static inline const Node *
next_of(const Sums *self, const Node *node, const float *row, const bool plain)
{
    const uint32_t word = node->word;
    const float value = row[word & FEATURE];
    uint32_t right = !((value < node->value) | ((value == node->value) & (((word & OR_EQUAL) != 0))));
    if (!plain && value != value)
        right = !(word & MISSING_LEFT);
    else if (!plain && word & CATEGORIES)
        right = is_member(self, value, node->value) == ((word & MEMBERS_RIGHT) != 0);
    return word & LEAF ? node : self->nodes + node->child + right;
}

/* the leaves of some walks at the same time, since each of them spends most of it waiting for memory */
static inline void
walk(const Sums *self, const uint32_t *roots, const float *const *rows, const Node **leaves, const bool plain)
{
    for (int i = 0; i < WALKS; i++)
        leaves[i] = self->nodes + roots[i];
    uint32_t all;
    do {
        all = LEAF;
        for (int i = 0; i < WALKS; i++) {
            leaves[i] = next_of(self, leaves[i], rows[i], plain);
            all &= leaves[i]->word;
        }
    } while (!(all & LEAF));
}

/* two singles added as doubles and rounded are the singles' sum */
static inline double
rounded(const Sums *self, const double sum)
{
    return self->single ? (double)(float)sum : sum;
}

static inline void
add(const Sums *self, const uint32_t tree, const Node *leaf, double *sums)
{
    const uint32_t target = self->targets[tree].of;
    if (target != WHOLE_ROW) {
        sums[target] = rounded(self, sums[target] + leaf->value);
        return;
    }
    const Single *values = self->leaves + (size_t)leaf->child * self->outputs;
    for (uint32_t i = 0; i < self->outputs; i++)
        sums[i] = rounded(self, sums[i] + values[i].of);
}

/* one row through all trees, some trees at a time */
static inline void
add_trees(const Sums *self, const float *row, double *sums, const bool plain)
{
    const float *rows[WALKS];
    const Node *leaves[WALKS];
    uint32_t roots[WALKS];
    for (uint32_t tree = 0; tree < self->trees; tree += WALKS) {
        const uint32_t count = self->trees - tree < WALKS ? self->trees - tree : WALKS;
        for (uint32_t i = 0; i < WALKS; i++) {
            rows[i] = row;
            roots[i] = self->roots[tree + (i < count ? i : 0)].of;
        }
        walk(self, roots, rows, leaves, plain);
        for (uint32_t i = 0; i < count; i++)
            add(self, tree + i, leaves[i], sums);
    }
}

/* one tree for all rows, some rows at a time */
static inline void
add_tree(const Sums *self, const uint32_t tree, const float *rows, const size_t count, double *sums, const bool plain)
{
    const float *lanes[WALKS];
    const Node *leaves[WALKS];
    uint32_t roots[WALKS];
    for (uint32_t i = 0; i < WALKS; i++)
        roots[i] = self->roots[tree].of;
    for (size_t at = 0; at < count; at += WALKS) {
        const size_t now = count - at < WALKS ? count - at : WALKS;
        for (size_t i = 0; i < WALKS; i++)
            lanes[i] = rows + (at + (i < now ? i : 0)) * self->width;
        walk(self, roots, lanes, leaves, plain);
        for (size_t i = 0; i < now; i++)
            add(self, tree, leaves[i], sums + (at + i) * self->outputs);
    }
}

/* some rows through all trees: tree by tree, since the walks of one tree share its nodes, unless they are too few */
static inline void
grow(const Sums *self, const float *rows, const size_t count, double *sums, const bool plain)
{
    if (count < WALKS)
        for (size_t at = 0; at < count; at++)
            add_trees(self, rows + at * self->width, sums + at * self->outputs, plain);
    else
        for (uint32_t tree = 0; tree < self->trees; tree++)
            add_tree(self, tree, rows, count, sums, plain);
}

static inline bool
all_present(const float *numbers, const size_t count)
{
    bool present = true;
    for (size_t i = 0; i < count; i++)
        present &= numbers[i] == numbers[i];
    return present;
}

/* input by input, so that the outputs of one input are next to each other */
static void
combine(const Sums *self, const float *row, double *restrict sums)
{
    const uint32_t outputs = self->outputs;
    const Double *coefficients = self->coefficients;
    memset(sums, 0, sizeof *sums * outputs);
    for (uint32_t j = 0; j < self->width; j++, coefficients += outputs) {
        const double x = row[j];
        for (uint32_t i = 0; i < outputs; i++)
            sums[i] += coefficients[i].of * x;
    }
    for (uint32_t i = 0; i < outputs; i++)
        sums[i] += self->base[i].of;
}

/* the sums of some rows */
static void
sum(const Sums *self, const float *rows, const size_t count, double *sums)
{
    const uint32_t width = self->width, outputs = self->outputs;
    if (self->linear) {
        for (size_t at = 0; at < count; at++)
            combine(self, rows + at * width, sums + at * outputs);
        return;
    }
    for (size_t i = 0; i < count * outputs; i++)
        sums[i] = self->single ? (double)(float)self->base[i % outputs].of : 0;
    if (self->set_count == 0 && all_present(rows, count * width))
        grow(self, rows, count, sums, true);
    else
        grow(self, rows, count, sums, false);
    for (size_t at = 0; at < count && !self->single; at++)
        for (uint32_t i = 0; i < outputs; i++)
            sums[at * outputs + i] = sums[at * outputs + i] * self->factor + self->base[i].of;
}

static double
sigmoid(const double x)
{
    if (x >= 0)
        return 1 / (1 + exp(-x));
    const double e = exp(x);
    return e / (1 + e);
}

static void
softmax(const double *sums, const uint32_t outputs, float *scores)
{
    double most = sums[0], total = 0;
    for (uint32_t i = 1; i < outputs; i++)
        if (sums[i] > most)
            most = sums[i];
    for (uint32_t i = 0; i < outputs; i++)
        total += exp(sums[i] - most);
    for (uint32_t i = 0; i < outputs; i++)
        scores[i] = (float)(exp(sums[i] - most) / total);
}

static void
ovr(const double *sums, const uint32_t outputs, float *scores)
{
    double total = 0;
    for (uint32_t i = 0; i < outputs; i++)
        total += sigmoid(sums[i]);
    for (uint32_t i = 0; i < outputs; i++)
        scores[i] = (float)(total > 0 ? sigmoid(sums[i]) / total : 1.0 / outputs);
}

/* what is no number comes last, and what is equal in the order of the outputs */
static int
compare(const void *left, const void *right)
{
    const Said *a = left, *b = right;
    const bool apart = isnan(a->sum) != isnan(b->sum);
    if (apart ? isnan(b->sum) : a->sum < b->sum)
        return -1;
    if (apart ? isnan(a->sum) : a->sum > b->sum)
        return 1;
    return a->output < b->output ? -1 : 1;
}

/* the least sum with half of all weights on it and on what is below */
static double
median(const Sums *self, const double *sums, Said *order)
{
    const uint32_t outputs = self->outputs;
    for (uint32_t i = 0; i < outputs; i++)
        order[i] = (Said){sums[i], i};
    qsort(order, outputs, sizeof *order, compare);
    double below = 0;
    for (uint32_t i = 0; i < outputs - 1; i++)
        if ((below += self->notes[order[i].output].of) >= self->half)
            return order[i].sum;
    return order[outputs - 1].sum;
}

/* the scores of one row; there is room for the order of its sums */
static void
score(const Sums *self, const double *sums, Said *order, float *scores)
{
    const uint32_t outputs = self->outputs;
    switch (self->link) {
    case SIGMOID:
        scores[0] = (float)sigmoid(-sums[0]);
        scores[1] = (float)sigmoid(sums[0]);
        return;
    case SOFTMAX:
        softmax(sums, outputs, scores);
        return;
    case OVR:
        ovr(sums, outputs, scores);
        return;
    case NEAREST: {
        uint32_t best = 0;
        for (uint32_t i = 1; i < outputs; i++)
            if (sums[i] > sums[best])
                best = i;
        scores[0] = (float)self->notes[best].of;
        return;
    }
    case MEDIAN:
        scores[0] = (float)median(self, sums, order);
        return;
    default:
        for (uint32_t i = 0; i < outputs; i++)
            scores[i] = (float)(self->link == IDENTITY ? sums[i] : self->link == EXPONENTIAL ? exp(sums[i]) : sigmoid(sums[i]));
    }
}

/* ---- what Python sees ---------------------------------------------------------------------------------------- */

static PyObject *
one(Sums *self, PyObject *buffer)
{
    Py_buffer row;
    if (PyObject_GetBuffer(buffer, &row, PyBUF_SIMPLE) < 0)
        return NULL;
    const bool fits = (uint64_t)row.len == sizeof *self->row * (uint64_t)self->width;
    if (fits)
        memcpy(self->row, row.buf, (size_t)row.len);
    PyBuffer_Release(&row);
    if (!fits) {
        PyErr_Format(PyExc_ValueError, "a row has %lu numbers here", (unsigned long)self->width);
        return NULL;
    }
    sum(self, self->row, 1, self->sums);
    score(self, self->sums, self->order, self->answers);
    PyObject *scores = PyList_New(self->scores);
    for (uint32_t i = 0; scores != NULL && i < self->scores; i++) {
        PyObject *number = PyFloat_FromDouble(self->answers[i]);
        if (number == NULL || PyList_SetItem(scores, i, number) < 0)
            Py_CLEAR(scores);
    }
    return scores;
}

static void
fill(const Sums *self, const float *rows, const size_t count, double *sums, Said *order, float *scores)
{
    for (size_t start = 0; start < count; start += BLOCK) {
        const size_t block = count - start < BLOCK ? count - start : BLOCK;
        sum(self, rows + start * self->width, block, sums);
        for (size_t i = 0; i < block; i++)
            score(self, sums + i * self->outputs, order, scores + (start + i) * self->scores);
    }
}

/* many(rows, scores): the scores of as many rows as there are, into a buffer that is there */
static PyObject *
many(Sums *self, PyObject *arguments)
{
    PyObject *result = NULL;
    Py_buffer rows = {0}, scores = {0};
    double *sums = NULL;
    Said *order = NULL;
    if (!PyArg_ParseTuple(arguments, "y*w*", &rows, &scores))
        return NULL;
    const size_t count = (size_t)rows.len / (sizeof(float) * self->width);
    if (count * self->width * sizeof(float) != (size_t)rows.len
        || count * self->scores * sizeof(float) != (size_t)scores.len) {
        PyErr_Format(PyExc_ValueError, "a row has %lu numbers here, and an answer %lu", (unsigned long)self->width,
                     (unsigned long)self->scores);
        goto done;
    }
    if ((uintptr_t)rows.buf % sizeof(float) || (uintptr_t)scores.buf % sizeof(float)) {
        PyErr_SetString(PyExc_ValueError, "the rows do not lie where numbers may lie");
        goto done;
    }
    if ((sums = malloc(sizeof *sums * BLOCK * self->outputs)) == NULL
        || (order = malloc(sizeof *order * self->outputs)) == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    fill(self, rows.buf, count, sums, order, scores.buf);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
done:
    free(sums);
    free(order);
    PyBuffer_Release(&rows);
    PyBuffer_Release(&scores);
    return result;
}

/* as many numbers as a row has; NULL with an error */
static double *
copy_doubles(PyObject *from, const uint32_t width)
{
    Py_buffer given;
    if (PyObject_GetBuffer(from, &given, PyBUF_SIMPLE) < 0)
        return NULL;
    const size_t size = sizeof(double) * width;
    double *copy = NULL;
    if ((size_t)given.len != size)
        refuse("there is a shift and a scale for every number");
    else if ((copy = malloc(size)) == NULL)
        PyErr_NoMemory();
    else
        memcpy(copy, given.buf, size);
    PyBuffer_Release(&given);
    return copy;
}

/* ready(numbers, takes_missing, shifts, scales): what answer() has to know, all of it or nothing */
static PyObject *
ready(Sums *self, PyObject *arguments)
{
    PyObject *numbers, *given_shifts, *given_scales;
    int takes_missing;
    if (!PyArg_ParseTuple(arguments, "OpOO", &numbers, &takes_missing, &given_shifts, &given_scales))
        return NULL;
    if (numbers != Py_None && (!PyTuple_Check(numbers) || PyTuple_Size(numbers) != (Py_ssize_t)self->scores)) {
        refuse("there is one number for each class");
        return NULL;
    }
    if ((given_shifts == Py_None) != (given_scales == Py_None)) {
        refuse("shifts and scales come together");
        return NULL;
    }
    double *shifts = NULL, *scales = NULL;
    if (given_shifts != Py_None
        && ((shifts = copy_doubles(given_shifts, self->width)) == NULL
            || (scales = copy_doubles(given_scales, self->width)) == NULL)) {
        free(shifts);
        return NULL;
    }
    free(self->shifts);
    free(self->scales);
    self->shifts = shifts;
    self->scales = scales;
    self->takes_missing = takes_missing;
    self->ready = true;
    PyObject *before = self->numbers;
    self->numbers = Py_NewRef(numbers);
    Py_XDECREF(before);
    Py_RETURN_NONE;
}

/* one element of a row; whether it is a plain number, or missing where that may be */
static inline bool
read_number(const Sums *self, PyObject *item, const uint32_t at, float *number)
{
    double value;
    if (PyFloat_Check(item))
        value = PyFloat_AsDouble(item);
    else if (PyLong_Check(item)) {
        value = PyLong_AsDouble(item);
        if (value == -1.0 && PyErr_Occurred()) {
            PyErr_Clear();
            return false;
        }
    } else if (item == Py_None)
        value = NAN;
    else
        return false;
    if (isnan(value)) {
        *number = NAN;
        return self->takes_missing;
    }
    /* rounded before it is scaled, and after */
    float rounded = (float)value;
    if (!isfinite(rounded))
        return false;
    if (self->shifts != NULL)
        rounded = (float)(((double)rounded - self->shifts[at]) * self->scales[at]);
    *number = rounded;
    return isfinite(rounded);
}

/* Nine significant digits, from which every float32 is read back as it was: an error of some 1e-16 in finding them is far
 * below half a digit. Returns the length. */
static int
write_real(const float value, char *text)
{
    const double size = fabs((double)value);
    if (!(size >= 1e-5 && size < 1e9))
        return sprintf(text, "%.9g", value);
    static const double POWERS[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13};
    int exponent = 0;
    while (exponent < 8 && size >= POWERS[exponent + 1])
        exponent++;
    while (exponent <= 0 && size < 1 / POWERS[-exponent])
        exponent--;
    uint64_t digits = (uint64_t)(size * POWERS[8 - exponent] + 0.5);
    char *to = text;
    if (value < 0)
        *to++ = '-';
    char number[20];
    int count = 0;
    for (; digits != 0; digits /= 10)
        number[count++] = (char)('0' + digits % 10);
    while (count != 0)
        *to++ = number[--count];
    /* as an integer, and where its point belongs */
    *to++ = 'e';
    int places = exponent - 8;
    if (places < 0) {
        *to++ = '-';
        places = -places;
    }
    if (places >= 10)
        *to++ = (char)('0' + places / 10);
    *to++ = (char)('0' + places % 10);
    return (int)(to - text);
}

/* the answer's place among the scores, or -1 where it takes more than arithmetic to find or refuse it */
static int64_t
best_of(Sums *self, PyObject *values)
{
    if (!self->ready || !PyList_Check(values) || PyList_Size(values) != (Py_ssize_t)self->width)
        return -1;
    for (uint32_t i = 0; i < self->width; i++)
        if (!read_number(self, PyList_GetItem(values, i), i, self->row + i))
            return -1;
    sum(self, self->row, 1, self->sums);
    score(self, self->sums, self->order, self->answers);
    uint32_t best = 0;
    for (uint32_t i = 0; i < self->scores; i++) {
        if (!isfinite(self->answers[i]))
            return -1;
        if (self->answers[i] > self->answers[best])
            best = i;
    }
    return best;
}

/* answer(values): the answer for a list of plain numbers, or None */
static PyObject *
answer(Sums *self, PyObject *values)
{
    const int64_t best = best_of(self, values);
    if (best < 0)
        Py_RETURN_NONE;
    if (self->numbers != Py_None)
        return Py_NewRef(PyTuple_GetItem(self->numbers, best));
    return PyFloat_FromDouble(self->answers[best]);
}

/* written(values): the same as text for a real, which PL/Python would otherwise write with 17 digits, digit by digit */
static PyObject *
written(Sums *self, PyObject *values)
{
    const int64_t best = best_of(self, values);
    if (best < 0)
        Py_RETURN_NONE;
    if (self->numbers != Py_None)
        return Py_NewRef(PyTuple_GetItem(self->numbers, best));
    char text[32];
    return PyUnicode_FromStringAndSize(text, write_real(self->answers[best], text));
}

static PyObject *
scores_of(Sums *self, void *unused)
{
    return PyLong_FromUnsignedLong(self->scores);
}

static PyObject *
width_of(Sums *self, void *unused)
{
    return PyLong_FromUnsignedLong(self->width);
}

static void
destroy(Sums *self)
{
    PyTypeObject *type = Py_TYPE((PyObject *)self);
    PyBuffer_Release(&self->payload);
    Py_XDECREF(self->numbers);
    free(self->sums);
    free(self->row);
    free(self->answers);
    free(self->order);
    free(self->shifts);
    free(self->scales);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"one", (PyCFunction)one, METH_O, "The scores of one row of float32."},
    {"many", (PyCFunction)many, METH_VARARGS, "Write the scores of many rows of float32 into a buffer."},
    {"ready", (PyCFunction)ready, METH_VARARGS, "Say what answer() has to know."},
    {"answer", (PyCFunction)answer, METH_O, "The answer for a list of plain numbers, or None."},
    {"written", (PyCFunction)written, METH_O, "The same, a number as the text of a real."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"scores", (getter)scores_of, NULL, "How many scores a row has.", NULL},
    {"width", (getter)width_of, NULL, "How many numbers a row has.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, destroy},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, NULL},
};

static PyType_Spec spec = {
    "turnout.runtime._sums.Sums", sizeof(Sums), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots,
};

static PyObject *
taken(PyObject *payload, const bool linear)
{
    const uint16_t order = 1;
    if (*(const uint8_t *)&order != 1) {
        PyErr_SetString(PyExc_ValueError, "its numbers are little-endian, and this machine's are not");
        return NULL;
    }
    Sums *self = PyObject_New(Sums, sums_type);
    if (self == NULL)
        return NULL;
    memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
    self->linear = linear;
    if (PyObject_GetBuffer(payload, &self->payload, PyBUF_SIMPLE) < 0 || !take(self)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *
trees(PyObject *module, PyObject *payload)
{
    return taken(payload, false);
}

static PyObject *
linear(PyObject *module, PyObject *payload)
{
    return taken(payload, true);
}

static PyMethodDef functions[] = {
    {"trees", trees, METH_O, "Trees from their layout; ValueError if it is broken."},
    {"linear", linear, METH_O, "Linear combinations from their layout; ValueError if it is broken."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_sums", "Answers from sums of trees and from linear combinations.", -1, functions,
    NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC
PyInit__sums(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL)
        return NULL;
    sums_type = (PyTypeObject *)PyType_FromSpec(&spec);
    if (sums_type == NULL)
        Py_CLEAR(module);
    return module;
}
