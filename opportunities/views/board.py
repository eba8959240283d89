"""The board: one lane for each open stage, and moving cards between them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from crm.http import Request, get_visible_or_404, render_page, wants_fragment
from crm.listing import address
from opportunities.filters import OpportunityFilter
from opportunities.models import Opportunity, Pipeline, Stage, StageKind
from opportunities.views.listing import as_rows, chosen_tab, head_of
from opportunities.views.moving import chosen_stage, for_moving, say_moved, try_move
from people.reach import Action

CARDS_PER_LANE = 25


@dataclass(frozen=True)
class Lane:
    """A stage with its first cards, and what all its deals come to."""

    stage: Stage
    count: int
    amount: Decimal
    rows: list[dict[str, Any]]
    all_of_it: str

    @property
    def is_cut(self) -> bool:
        return self.count > len(self.rows)


@require_GET
def opportunity_board(request: Request) -> HttpResponse:
    """The open deals of a tab and a pipeline that match the filters, by stage."""
    return render_board(request)


@require_POST
def board_move(request: Request, pk: int) -> HttpResponse:
    """Move a card; the board anew, or what its stage asks for first."""
    opportunity = get_visible_or_404(request, for_moving(), action=Action.EDIT, pk=pk)
    stage = chosen_stage(request)
    outcome = try_move(
        request,
        opportunity,
        stage,
        action=request.get_full_path(),
        back=f"{reverse('opportunities:board')}?{request.GET.urlencode()}",
        target="#board",
    )
    if isinstance(outcome, HttpResponse):
        return outcome
    say_moved(request, opportunity, outcome)
    if wants_fragment(request):
        return render_board(request, moved=outcome)
    return redirect(f"{reverse('opportunities:board')}?{request.GET.urlencode()}")


def render_board(request: Request, moved: Opportunity | None = None) -> HttpResponse:
    visible = Opportunity.objects.visible_to(request.user)
    tab = chosen_tab(request)
    pipelines = list(Pipeline.objects.filter(is_active=True).order_by("position", "pk"))
    pipeline = chosen_pipeline(request, pipelines)
    stages = list(Stage.objects.in_order().filter(pipeline=pipeline))
    deals = tab.narrow(visible, request.user).filter(pipeline=pipeline, stage_kind=StageKind.OPEN)
    filterset = OpportunityFilter(request.GET, queryset=deals, request=request)
    context = {
        **head_of(request, visible, filterset, tab),
        "lanes": lanes_of(request, filterset.qs, stages),
        "pipelines": [(each, address(request, pipeline=each.pk)) for each in pipelines],
        "pipeline": pipeline,
        "choices": [(stage.pk, stage.name) for stage in stages],
        "moved": moved,
    }
    return render_page(request, "opportunities/board.html", context, partial="board")


def chosen_pipeline(request: Request, pipelines: list[Pipeline]) -> Pipeline:
    """The pipeline in the address, else the default one."""
    asked = request.GET.get("pipeline", "")
    for pipeline in pipelines:
        if str(pipeline.pk) == asked or (not asked and pipeline.is_default):
            return pipeline
    if asked or not pipelines:
        raise Http404
    return pipelines[0]


def lanes_of(request: Request, deals: QuerySet, stages: list[Stage]) -> list[Lane]:
    """A lane for each open stage, all of them in two queries."""
    open_stages = [stage for stage in stages if stage.is_open]
    sums = {
        found["stage"]: found
        for found in deals.order_by()
        .values("stage")
        .annotate(count=Count("pk"), amount=Sum("company_amount"))
    }
    cards: dict[int, list[Opportunity]] = {stage.pk: [] for stage in open_stages}
    editable = Opportunity.objects.visible_to(request.user, Action.EDIT)
    marked = deals.annotate(is_movable=Exists(editable.filter(pk=OuterRef("pk"))))
    for card in first_cards(marked, open_stages):
        cards[card.stage_id].append(card)
    return [
        Lane(
            stage=stage,
            count=sums.get(stage.pk, {}).get("count", 0),
            amount=sums.get(stage.pk, {}).get("amount") or Decimal(0),
            rows=as_rows(cards[stage.pk]),
            all_of_it=f"{reverse('opportunities:list')}?{address(request, stage=stage.pk)}",
        )
        for stage in open_stages
    ]


def first_cards(deals: QuerySet, stages: list[Stage]) -> list[Opportunity]:
    """The first deals of every stage, by close date: one query with a limit for each stage."""
    if not stages:
        return []
    parts = [
        deals.select_related("owner", "account", "stage")
        .filter(stage=stage)
        .order_by("close_date", "pk")[:CARDS_PER_LANE]
        for stage in stages
    ]
    first, *rest = parts
    cards = list(first.union(*rest, all=True)) if rest else list(first)
    return sorted(cards, key=lambda card: (card.close_date, card.pk))
