#include "mux_tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mux_pattern.h"

#define FIRST_SIZE 16

/* FNV-1a of what leads from a node to its child, its bits mixed at the end. */
static uint32_t
edge_hash(uint32_t parent, const char *label, size_t len)
{
	uint32_t hash = 2166136261u ^ parent * 2654435761u;
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)label[i]) * 16777619u;
	hash = (hash ^ hash >> 15) * 2246822519u;
	return hash ^ hash >> 13;
}

/* Whether this is the node that a label leads to from its parent. */
static bool
is_child(const struct mux_node *node, uint32_t parent, const char *label,
    size_t len)
{
	return node->parent == parent && node->label_len == len &&
	    memcmp(node->label, label, len) == 0;
}

/* The child that a label leads to, or 0.  Counts what it compares. */
static uint32_t
find_child(const struct mux_tree *tree, uint32_t parent, const char *label,
    size_t len, unsigned int *steps)
{
	uint32_t mask = tree->edges_size - 1, hash, i;
	const struct mux_edge *edge;

	if (tree->nodes[parent].child == 0)
		return 0;
	hash = edge_hash(parent, label, len);
	for (i = hash & mask; tree->edges[i].child != 0; i = (i + 1) & mask) {
		edge = &tree->edges[i];
		++*steps;
		if (edge->hash == hash && is_child(&tree->nodes[edge->child],
		    parent, label, len))
			return edge->child;
	}
	return 0;
}

/* Puts an edge into a table that has room for it. */
static void
put_edge(struct mux_edge *edges, uint32_t size, struct mux_edge edge)
{
	uint32_t i = edge.hash & (size - 1);

	while (edges[i].child != 0)
		i = (i + 1) & (size - 1);
	edges[i] = edge;
}

/* Has the table half empty at least when one more edge is in. */
static int
reserve_edge(struct mux_tree *tree)
{
	uint32_t size, i;
	struct mux_edge *edges;

	if (tree->nedges < tree->edges_size / 2)
		return 0;
	size = tree->edges_size == 0 ? FIRST_SIZE : tree->edges_size * 2;
	if (size == 0 || (edges = calloc(size, sizeof(*edges))) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	for (i = 0; i < tree->edges_size; i++)
		if (tree->edges[i].child != 0)
			put_edge(edges, size, tree->edges[i]);
	free(tree->edges);
	tree->edges = edges;
	tree->edges_size = size;
	return 0;
}

static int
reserve_node(struct mux_tree *tree)
{
	uint32_t size = tree->nodes_size;
	struct mux_node *nodes;

	if (tree->nnodes < size)
		return 0;
	size = size == 0 ? FIRST_SIZE : size * 2;
	if (size == 0 ||
	    (nodes = reallocarray(tree->nodes, size, sizeof(*nodes))) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	tree->nodes = nodes;
	tree->nodes_size = size;
	return 0;
}

/* Makes a node without children, for which there is room. */
static uint32_t
add_node(struct mux_tree *tree)
{
	memset(&tree->nodes[tree->nnodes], 0, sizeof(*tree->nodes));
	return tree->nnodes++;
}

/* The child that a label leads to, made where there is none; 0 is ENOMEM. */
static uint32_t
add_child(struct mux_tree *tree, uint32_t parent, const char *label,
    size_t len)
{
	unsigned int steps = 0;
	struct mux_edge edge;
	struct mux_node *node;

	edge.child = find_child(tree, parent, label, len, &steps);
	if (edge.child != 0)
		return edge.child;
	if (reserve_edge(tree) == -1 || reserve_node(tree) == -1)
		return 0;
	edge.child = add_node(tree);
	edge.hash = edge_hash(parent, label, len);
	node = &tree->nodes[edge.child];
	node->label = label;
	node->label_len = len;
	node->parent = parent;
	node->sibling = tree->nodes[parent].child;
	tree->nodes[parent].child = edge.child;
	put_edge(tree->edges, tree->edges_size, edge);
	tree->nedges++;
	return edge.child;
}

/* The child for any segment, made where there is none; 0 is ENOMEM. */
static uint32_t
add_wild(struct mux_tree *tree, uint32_t parent)
{
	if (tree->nodes[parent].wild == 0) {
		if (reserve_node(tree) == -1)
			return 0;
		tree->nodes[parent].wild = add_node(tree);
	}
	return tree->nodes[parent].wild;
}

/* The node below which a pattern's path begins; 0 is ENOMEM. */
static uint32_t
add_method(struct mux_tree *tree, const struct mux_pattern *p)
{
	uint32_t host;

	if (reserve_node(tree) == -1)
		return 0;
	if (tree->nnodes == 0)
		(void)add_node(tree);
	host = add_child(tree, 0, p->host, strlen(p->host));
	if (host == 0)
		return 0;
	return add_child(tree, host, p->method, strlen(p->method));
}

int
mux_tree_add(struct mux_tree *tree, const struct mux_pattern *p)
{
	uint32_t at = add_method(tree, p);
	const struct mux_segment *seg;
	size_t i;

	for (i = 0; at != 0 && i < p->nsegments; i++) {
		seg = &p->segments[i];
		switch (seg->kind) {
		case MUX_LITERAL:
			at = add_child(tree, at, seg->text, seg->len);
			break;
		case MUX_WILD:
			at = add_wild(tree, at);
			break;
		case MUX_DOLLAR:
			tree->nodes[at].dollar = p;
			return 0;
		case MUX_MULTI:
			tree->nodes[at].multi = p;
			return 0;
		}
	}
	if (at == 0)
		return -1;
	tree->nodes[at].end = p;
	return 0;
}

void
mux_tree_free(struct mux_tree *tree)
{
	free(tree->nodes);
	free(tree->edges);
	memset(tree, 0, sizeof(*tree));
}

/*
 * Matches the rest of a path below a node.  What is more specific comes first:
 * a literal, then any segment, then any rest; of two patterns that match,
 * one is more specific at the first place where they differ, or they would
 * conflict.  It goes no deeper than the tree.
 */
static const struct mux_pattern *
match_path(const struct mux_tree *tree, struct mux_lookup *l, uint32_t at,
    const char *rest)
{
	const struct mux_node *node = &tree->nodes[at];
	const struct mux_pattern *found = NULL;
	const char *end;
	uint32_t child;

	l->steps++;
	if (*rest == '\0' && !l->slash)
		return node->end;
	if (*rest == '\0' || rest[1] == '\0')
		return node->dollar != NULL ? node->dollar : node->multi;
	end = strchrnul(++rest, '/');
	child = find_child(tree, at, rest, (size_t)(end - rest), &l->steps);
	if (child != 0)
		found = match_path(tree, l, child, end);
	if (found == NULL && node->wild != 0)
		found = match_path(tree, l, node->wild, end);
	return found != NULL ? found : node->multi;
}

/* Matches the path with the patterns of a host that have this method. */
static const struct mux_pattern *
match_method(const struct mux_tree *tree, struct mux_lookup *l, uint32_t host,
    const char *method)
{
	uint32_t at;

	l->steps++;
	at = find_child(tree, host, method, strlen(method), &l->steps);
	return at == 0 ? NULL : match_path(tree, l, at, l->path);
}

/* GET is HEAD as well, and no method is any. */
static const struct mux_pattern *
match_host(const struct mux_tree *tree, struct mux_lookup *l, const char *name)
{
	const struct mux_pattern *found;
	uint32_t host;

	l->steps++;
	host = find_child(tree, 0, name, strlen(name), &l->steps);
	if (host == 0)
		return NULL;
	found = match_method(tree, l, host, l->method);
	if (found == NULL && strcmp(l->method, "HEAD") == 0)
		found = match_method(tree, l, host, "GET");
	if (found == NULL)
		found = match_method(tree, l, host, "");
	return found;
}

const struct mux_pattern *
mux_tree_match(const struct mux_tree *tree, struct mux_lookup *lookup)
{
	const struct mux_pattern *found = NULL;

	lookup->steps = 0;
	if (tree->nnodes == 0)
		return NULL;
	if (lookup->host[0] != '\0')
		found = match_host(tree, lookup, lookup->host);
	return found != NULL ? found : match_host(tree, lookup, "");
}

static const struct mux_pattern *any_below(const struct mux_tree *tree,
    uint32_t at);

/* Any pattern at a node or below, or NULL. */
static const struct mux_pattern *
any_at(const struct mux_tree *tree, uint32_t at)
{
	const struct mux_node *node = &tree->nodes[at];

	if (node->end != NULL)
		return node->end;
	return node->multi != NULL ? node->multi : any_below(tree, at);
}

/* Any that takes a part of what a multi at this node would take, or NULL. */
static const struct mux_pattern *
any_below(const struct mux_tree *tree, uint32_t at)
{
	const struct mux_node *node = &tree->nodes[at];
	const struct mux_pattern *found = node->dollar;
	uint32_t child;

	for (child = node->child; child != 0 && found == NULL;
	    child = tree->nodes[child].sibling)
		found = any_at(tree, child);
	if (found == NULL && node->wild != 0)
		found = any_at(tree, node->wild);
	return found;
}

/* The search for a conflict with p. */
struct conflict_search {
	const struct mux_tree	 *tree;
	const struct mux_pattern *p;
	unsigned int		  steps;
};

static const struct mux_pattern *conflict_path(struct conflict_search *s,
    uint32_t at, size_t i, int relation);

/*
 * Where p has {name}, a literal is narrower.  When p so far takes all that
 * those below take, and ends here or takes any rest, none can conflict.
 */
static const struct mux_pattern *
conflict_wild(struct conflict_search *s, uint32_t at, size_t i, int relation)
{
	const struct mux_node *nodes = s->tree->nodes;
	const struct mux_pattern *p = s->p, *found = NULL;
	bool ends = i + 1 == p->nsegments ||
	    p->segments[i + 1].kind == MUX_MULTI;
	uint32_t child;

	if (nodes[at].wild != 0)
		found = conflict_path(s, nodes[at].wild, i + 1, relation);
	relation |= MUX_MORE;
	if (ends && !mux_relation_conflicts(relation))
		return found;
	for (child = nodes[at].child; child != 0 && found == NULL;
	    child = nodes[child].sibling)
		found = conflict_path(s, child, i + 1, relation);
	return found;
}

/* Where p has a literal, {name} is wider. */
static const struct mux_pattern *
conflict_literal(struct conflict_search *s, uint32_t at, size_t i,
    int relation)
{
	const struct mux_node *node = &s->tree->nodes[at];
	const struct mux_segment *seg = &s->p->segments[i];
	const struct mux_pattern *found = NULL;
	uint32_t child;

	child = find_child(s->tree, at, seg->text, seg->len, &s->steps);
	if (child != 0)
		found = conflict_path(s, child, i + 1, relation);
	if (found == NULL && node->wild != 0)
		found = conflict_path(s, node->wild, i + 1,
		    relation | MUX_LESS);
	return found;
}

/* Where p takes any rest, it takes all that those below take, and more. */
static const struct mux_pattern *
conflict_multi(const struct conflict_search *s, uint32_t at, int relation)
{
	const struct mux_node *node = &s->tree->nodes[at];

	if (node->multi != NULL && mux_relation_conflicts(relation))
		return node->multi;
	if (!mux_relation_conflicts(relation | MUX_MORE))
		return NULL;
	return any_below(s->tree, at);
}

/*
 * Finds a conflict of p, from its segment i on, with what is at a node and
 * below.  relation is what the way to here says of p and of all that is there.
 */
static const struct mux_pattern *
conflict_path(struct conflict_search *s, uint32_t at, size_t i, int relation)
{
	const struct mux_node *node = &s->tree->nodes[at];

	s->steps++;
	if (i == s->p->nsegments)
		return mux_relation_conflicts(relation) ? node->end : NULL;
	if (s->p->segments[i].kind == MUX_MULTI)
		return conflict_multi(s, at, relation);
	if (node->multi != NULL && mux_relation_conflicts(relation | MUX_LESS))
		return node->multi;
	if (s->p->segments[i].kind == MUX_LITERAL)
		return conflict_literal(s, at, i, relation);
	if (s->p->segments[i].kind == MUX_WILD)
		return conflict_wild(s, at, i, relation);
	return mux_relation_conflicts(relation) ? node->dollar : NULL;
}

/* Patterns of different hosts never conflict: the one with a host wins. */
const struct mux_pattern *
mux_tree_conflict(const struct mux_tree *tree, const struct mux_pattern *p,
    unsigned int *steps)
{
	struct conflict_search s = { .tree = tree, .p = p };
	const struct mux_pattern *found = NULL;
	uint32_t host = 0, at;
	int relation;

	if (tree->nnodes > 0)
		host = find_child(tree, 0, p->host, strlen(p->host), &s.steps);
	*steps = s.steps;
	if (host == 0)
		return NULL;
	for (at = tree->nodes[host].child; at != 0 && found == NULL;
	    at = tree->nodes[at].sibling) {
		relation = mux_compare_methods(p->method,
		    tree->nodes[at].label);
		if (relation != MUX_DISJOINT)
			found = conflict_path(&s, at, 0, relation);
	}
	*steps = s.steps;
	return found;
}
