# SPDX-License-Identifier: BSD-3-Clause
#
# inner_loops.awk: the innermost loops with `least` (8) packed fp32 FMAs or more in what `objdump -d
# --no-show-raw-insn` prints of one object, x86-64 or AArch64. Loops are found by their backward jumps.
#
# A line per loop: function, address, FMAs, instructions that load, instructions, operands on the stack; separated by
# tabs. With -v listing=1 its instructions follow, each behind a tab, the jump back to the label `head`.

# Marks in body[] what lies on a way from head to tail that does not pass head again. Empty where tail cannot be
# reached: a jump to code that was only laid out further up.
function trace(head, tail,    i, k, top, stack, from_head) {
    delete body
    stack[top = 1] = head; from_head[head] = 1
    while (top) {
        i = stack[top--]
        if (i < n && !(i in leaves) && !((i + 1) in from_head)) { from_head[i + 1] = 1; stack[++top] = i + 1 }
        if ((i in target) && !(target[i] in from_head)) { from_head[target[i]] = 1; stack[++top] = target[i] }
    }
    if (!(tail in from_head)) return 0
    body[tail] = 1; body[head] = 1
    stack[top = 1] = tail
    while (top) {
        i = stack[top--]
        if (i == head) continue
        if (i > 1 && !((i - 1) in leaves) && ((i - 1) in from_head) && !((i - 1) in body)) {
            body[i - 1] = 1; stack[++top] = i - 1
        }
        for (k = 1; k <= arrivals[i]; k++)
            if ((arrival[i, k] in from_head) && !(arrival[i, k] in body)) {
                body[arrival[i, k]] = 1; stack[++top] = arrival[i, k]
            }
    }
    return 1
}

function is_fma(line) {
    return arm ? line ~ /\tfml[as]\t.*\.4s/ : line ~ /vfn?m(add|sub)[0-9]*ps/
}

function is_load(line) {
    if (arm) return line ~ /\tld[a-z0-9]*\t/
    return line ~ /\(/ && line !~ /prefetch|lea |nop/ && line !~ /,[^,()]*\([^()]*\)$/
}

# Where a function has set up a frame pointer, that is the stack too; else the register is like any other. An index
# makes it a look-up in an array of the function's own, such as a list of offsets: one of vectors should have been in
# registers, others are as meant.
function on_stack(line) {
    if (arm) return line ~ /\[sp/ || (framed && line ~ /\[x29/)
    if (line ~ /\(%r[sb]p,/ && (line !~ /ps\t/ || line ~ /broadcast/)) return 0
    return line ~ /\(%rsp/ || (framed && line ~ /\(%rbp/)
}

function report(head,    i, fma, loads, spills, size) {
    for (i in body) {
        fma += is_fma(text[i]); loads += is_load(text[i]); spills += on_stack(text[i]); size++
    }
    if (fma < least) return
    printf "%s\t%s\t%d\t%d\t%d\t%d\n", name, start[head], fma, loads, size, spills
    for (i = 1; listing && i <= n; i++) if (i in body) print "\t" instruction(i, head)
}

function instruction(i, head,    line) {
    line = text[i]
    sub(/^ *[0-9a-f]+:[ \t]*/, "", line)
    sub(/ <[^>]*>$/, "", line)
    if (i in target) sub(/[0-9a-f]+$/, target[i] == head ? "head" : "elsewhere", line)
    return line
}

# A loop is innermost if no other backward jump starts and ends in it.
function finish(    i, j, inner) {
    for (i = 1; i <= n; i++) if ((i in target) && target[i] <= i && trace(target[i], i)) {
        inner = 1
        for (j in body) if (j != i && (j in target) && target[j] <= j + 0 && target[j] != target[i] &&
                            (target[j] in body)) inner = 0
        if (inner) report(target[i])
    }
    n = framed = 0
    delete at; delete target; delete leaves; delete arrivals; delete arrival
}

# Jumps are resolved when the whole function is known.
function resolve(    i, to) {
    for (i = 1; i <= n; i++) if ((i in goes) && (goes[i] in at)) {
        to = target[i] = at[goes[i]]
        arrival[to, ++arrivals[to]] = i
    }
    delete goes
}

BEGIN { if (!least) least = 8; comment = "#.*"; jump = "^j"; leave = "^(jmp|ret|ud2)" }
/file format .*aarch64/ {
    arm = 1
    comment = "//.*"
    jump = "^(b|b[.].*|cbn?z|tbn?z)$"
    leave = "^(b|br|ret|udf|brk)$"
}
/ <.*>:$/ { resolve(); finish(); name = $2; gsub(/[<>:]/, "", name); next }
$1 ~ /^[0-9a-f]+:$/ {
    n++
    start[n] = $1; sub(/:/, "", start[n])
    at[start[n]] = n
    text[n] = $0
    sub(comment, "", text[n]); sub(/[ \t]+$/, "", text[n])
    if (/mov +%rsp,%rbp/ || /mov\tx29, sp/) framed = 1
    if ($2 ~ jump && match(text[n], /[0-9a-f]+ <[^>]*>$/)) {
        goes[n] = substr(text[n], RSTART)
        sub(/ .*/, "", goes[n])
    }
    if ($2 ~ leave) leaves[n] = 1
}
END { resolve(); finish() }
